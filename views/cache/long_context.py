"""What a model's text costs it by the place of the token, up to twice its trained length."""

from dataclasses import dataclass, replace

import numpy as np
import torch

from core.library import read_text
from core.long_context import affordable, binned, losses_by_position, overlapping_windows, stretched
from core.tokenizer import Tokenizer
from views import catalogue
from views.cache.models import source
from views.cache.runs import store
from views.cache.shared import shared
from views.look import Look

FLOPS = 5e10  # about a second of one core
MOST_WINDOWS = 64
BINS = 16  # of twice the trained length
TALE = "ugly-duckling"
OWN, OTHER = "own_text", "a_tale"  # phrases of Attention


@dataclass(frozen=True)
class ByPlace:
    """Mean losses in nats by place, neighbours together: (N,) each; and how they were measured."""

    places: np.ndarray
    losses: np.ndarray
    trained: int
    read: int  # tokens of a window
    windows: int
    text: str
    refused: str = ""  # the model's own sentence, for longer texts


def past_the_context(look: Look) -> ByPlace | None:
    """The losses of a model as it was trained; None if there is no text that it can read."""
    return measured(Look(look.model, look.step, life=look.life))


@shared(max_entries=64, spinner="Reading texts that are longer than it ever read …")
def measured(look: Look) -> ByPlace | None:
    """Overlapping windows of a text, within the work that a person waits for."""
    model, tokenizer = source(look)
    config, trained = model.config, model.config.context_length
    longer = stretched(model, 2 * trained)
    count, read = affordable(config, longer.config.context_length, FLOPS)
    windows, text = windows_of(look, tokenizer, read, min(count, MOST_WINDOWS))
    if windows is None:
        return None
    losses = losses_by_position(longer, windows)
    places, means = binned(losses, BINS if read > trained else BINS // 2)
    found = ByPlace(places.numpy(), means.numpy(), trained, read, len(windows), text)
    return replace(found, refused=refusal(longer)) if longer is model else found


def refusal(model: torch.nn.Module) -> str:
    """What the model says to one token more than it can read."""
    try:
        model.check_ids(torch.zeros(1, model.config.context_length + 1, dtype=torch.long))
    except ValueError as reason:
        return str(reason)
    return ""


def windows_of(look: Look, tokenizer: Tokenizer, length: int, count: int) -> tuple[torch.Tensor | None, str]:
    """Windows of held-out text if there is enough of it, else of a tale; and whose text it is."""
    for text, whose in ((held_out(look), OWN), (read_text(TALE), OTHER)):
        try:
            ids = torch.tensor(tokenizer.encode(text), dtype=torch.long)
            return overlapping_windows(ids, length, count), whose
        except ValueError:  # too short, or letters that this tokenizer does not know
            continue
    return None, ""


def held_out(look: Look) -> str:
    """The end of the text that a model was trained on; nothing for a model that was brought."""
    if look.model in (catalogue.BUNDLED, catalogue.UNTRAINED):
        text = read_text("storyteller-mix")
    elif catalogue.is_run(store(), look.model):
        text = store().recipe(look.model).corpus_text
    else:
        return ""
    return text[-(len(text) // 11) :]  # a little less than the last tenth: tokens are cut elsewhere
