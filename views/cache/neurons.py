"""What fires the neurons of a model in the text that it learned from, found once for everybody."""

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from core.excerpts import excerpts
from core.knockouts import forward_work
from core.library import library, read_text
from core.neurons import Firing, Moved, firing, moved_by_one, written_by_neurons
from runs import storyteller
from runs.settings import settings
from views.cache.guard import Kept
from views.cache.models import look_inside, model_of, source
from views.cache.runs import store
from views.cache.shared import shared
from views.catalogue import UNTRAINED, is_brought
from views.look import Ids, Look, tap_of
from views.prompt import only_known

TOKENS, FEWEST = 4096, 256  # of the text that is read
WORK = 2e11  # operations for it, a few seconds of one core: a large model reads less
LONGEST = 128  # tokens of one window
PLACES = 12  # kept of each neuron
ELSEWHERE = "grimm"  # what models read here that were trained elsewhere


@dataclass(frozen=True)
class Read:
    """A text that a model has read, in windows (W, T), and what fired its neurons."""

    title: str
    windows: Tensor
    firing: Firing

    @property
    def nbytes(self) -> int:
        """The memory that it takes."""
        return sum(x.nbytes for x in (self.windows, *self.firing[:3]))


READ = Kept[Read](lambda: settings().model_bytes // 8, lambda read: read.nbytes)


def own_text(key: str) -> tuple[str, str]:
    """The text that a model learned from, or one of the library: its name, and all of it."""
    if key in (storyteller.BUNDLED, UNTRAINED):
        return "what the Storyteller read", read_text("storyteller-mix")
    if is_brought(store(), key):
        return library()[ELSEWHERE].title, read_text(ELSEWHERE)
    recipe = store().recipe(key)
    return library()[recipe.corpus].title if recipe.corpus else "its own text", recipe.corpus_text


def fired(look: Look) -> Read | None:
    """What fires every neuron in some thousand tokens; None if its tokenizer knows nothing of the text.

    Edits at one place of the prompt have no place in another text: they are left out.
    """
    edits = tuple(edit for edit in look.edits if edit.position is None)
    look = replace(look, edits=edits, other=())
    read = READ.get(look, lambda: read_text_of(look))
    return read if read.firing.tokens else None


def read_text_of(look: Look) -> Read:
    """Read some thousand tokens from all over the text, as many as this model reads in a few seconds."""
    model, tokenizer = model_of(look), source(look)[1]
    title, text = own_text(look.model)
    tokens = max(FEWEST, min(TOKENS, int(WORK // forward_work(model, 1))))
    length = min(LONGEST, model.config.context_length)

    def encode(part: str) -> list[int]:
        return tokenizer.encode(only_known(part, tokenizer))

    windows = excerpts(encode, text, length, max(1, tokens // length))
    if not windows.numel():
        return Read(title, windows, Firing(*[torch.empty(0)] * 3, tokens=0))
    found = firing(model, windows, PLACES, tap_of(model, look))
    return Read(title, windows, found._replace(places=found.places.int(), above=found.above.int()))


@shared(max_entries=64)
def lengths_added(look: Look, ids: Ids, layer: int, token: int) -> Tensor:
    """How much each neuron adds to the stream at one token, as the root mean square of its vector: (U,)."""
    seen = look_inside(look, ids)
    activated = torch.tensor(seen[f"blocks.{layer}.ffn.activated"][token])
    return written_by_neurons(model_of(look), layer, activated).pow(2).mean(dim=-1).sqrt()


@shared(max_entries=128)
def moved(look: Look, ids: Ids, layer: int, place: int, token: int) -> Moved:
    """How far the outputs of a layer move when the token at `place` gets another's vector."""
    seen, model = look_inside(look, ids), model_of(look)
    block = f"blocks.{layer}"
    between = "norm1" if model.config.norm == "post" else "resid_mid"
    streams = tuple(torch.tensor(seen[f"{block}.{name}"]) for name in ("resid_in", between))
    return moved_by_one(model, layer, streams, place, token, tap_of(model, look))
