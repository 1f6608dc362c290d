"""Models, and what is computed from them."""

import gc
import sys
from dataclasses import replace

import numpy as np
import torch

from core.activations import UnitFacts, largest_gap, liveliest, lowest_point, slope, unit_facts
from core.bpe import merge_steps
from core.embeddings import cosine_map, position_table
from core.gpt import GPTModel, with_switches
from core.gradients import DeepNetwork, depth_gradients
from core.layers import ACTIVATION_FUNCTIONS, gelu, gelu_tanh
from core.library import read_text
from core.tokenizer import Tokenizer, WordTokenizer, word_tokenizer
from runs import storyteller
from runs.settings import settings
from views import catalogue
from views.cache.guard import Kept, model_bytes
from views.cache.runs import store
from views.cache.shared import shared
from views.look import Ids, Look, Sampling, embedded, logits_after, look_bytes, switched, traced, written
from views.seen import Seen
from views.turns import long_work
from views.vocabulary import row_names

SWITCH = 0.001  # seconds a thread may keep the others from Python, five times less than it would
LOOKS = 4  # looks into models may take this part of what models may take,
PARTS = 4  # and one of them this part of it
LOOKED = 60.0  # seconds that a look is kept after the last who asked: one of the Storyteller takes 10 ms
MODELS = Kept[tuple[GPTModel, Tokenizer]](lambda: settings().model_bytes, lambda pair: model_bytes(pair[0]))
SEEN = Kept[Seen](lambda: settings().model_bytes // LOOKS, lambda seen: seen.nbytes, LOOKED)


@shared(max_entries=1)
def warm_up() -> bool:
    """Once a process, before the first person comes: imports, the bundled model, and a frozen collector.

    What is frozen is left out when Python collects garbage, with everybody waiting. And a page gives Python
    away in each of its hundred products and messages: beside one that counts pairs for seconds, a look into
    the model took 100 ms, and takes 30 since it gets Python back sooner.
    """
    torch.set_num_threads(1)
    sys.setswitchinterval(SWITCH)
    for step in (storyteller.steps()[-1], 0):
        look_inside(Look(storyteller.BUNDLED, step), tuple(range(2)))
    store()
    gc.collect()
    gc.freeze()
    return True


def model_and_tokenizer(key: str, step: int | None, life: int = 0) -> tuple[GPTModel, Tokenizer]:
    """One shared copy of each model, read-only. A run that was reset has another life, with other models."""

    def load() -> tuple[GPTModel, Tokenizer]:
        with long_work():
            model, tokenizer = catalogue.open_model(store(), key, step)
        return model.eval().requires_grad_(False), tokenizer

    return MODELS.get((key, step, life), load, catalogue.expected_bytes(store(), key))


def room_for_a_look() -> int:
    """The most memory that one look into a model may take, in bytes."""
    return settings().model_bytes // LOOKS // PARTS


def source(look: Look) -> tuple[GPTModel, Tokenizer]:
    """The model that the look is at, as it was trained, and its tokenizer."""
    return model_and_tokenizer(look.model, look.step, look.life)


def model_of(look: Look) -> GPTModel:
    """The look's model with its switches set; the weights are shared with the original."""
    return switched(source(look)[0], look)


def look_inside(look: Look, ids: Ids) -> Seen:
    """Everything that happens in the model on its way through the ids, but the stages before the weights."""
    return SEEN.get(
        ("all layers", look, ids),
        lambda: traced(model_of(look), look, ids),
        look_bytes(source(look)[0].config, len(ids)),
    )


def look_at_layer(look: Look, ids: Ids, layer: int) -> Seen:
    """All stages of attention in one layer."""
    return SEEN.get((layer, look, ids), lambda: traced(model_of(look), look, ids, layer))


@shared(max_entries=256)
def next_logits(look: Look, ids: Ids) -> torch.Tensor:
    """Scores of all tokens for the place after the ids: (V,)."""
    return logits_after(model_of(look), look, ids)


@shared(max_entries=256)
def continuation(look: Look, ids: Ids, count: int, settings: Sampling) -> Ids:
    """The next `count` tokens: the same for the same seed and settings."""
    return written(model_of(look), look, ids, count, settings)


@shared(max_entries=4)
def words_of(corpus: str, unknown: bool) -> WordTokenizer:
    """The word tokenizer of a library text."""
    return word_tokenizer(read_text(corpus), unknown)


@shared(max_entries=8, spinner="Counting pairs …")
def merges_of(corpus: str, count: int) -> list[tuple[tuple[bytes, bytes], int]]:
    """The first merges that byte-pair encoding learns from a library text, each with its pair's count."""
    return list(merge_steps(read_text(corpus), count))


@shared(max_entries=512)
def gradients_by_depth(network: DeepNetwork) -> list[float]:
    """Mean absolute gradient of each layer of an untrained network of one's own, first layer first."""
    return depth_gradients(network)


def look_at_input(look: Look, ids: Ids) -> Seen:
    """What enters the first block: the rows of tokens and positions, and their sums."""
    return SEEN.get(("input", look, ids), lambda: embedded(model_of(look), ids))


@shared(max_entries=24)
def vocabulary(look: Look) -> list[str]:
    """The text of each row of the token table; the bytes, in hex, of a part of a character."""
    model, tokenizer = source(look)
    return row_names(tokenizer, model.config.vocab_size)


@shared(max_entries=24)
def position_cosines(look: Look, most: int = 64) -> tuple[list[int], np.ndarray] | None:
    """At most `most` positions, evenly spaced, and every pair's cosine; None if there are no rows."""
    table = position_table(source(look)[0])
    if table is None:
        return None
    places = list(range(0, len(table), -(-len(table) // most)))
    return places, cosine_map(table[places]).numpy()


@shared(max_entries=8)
def curve(name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """An activation function between -4 and 4: x, values, slopes."""
    x = torch.linspace(-4, 4, 401)
    function = ACTIVATION_FUNCTIONS[name]
    return x.numpy(), function(x).numpy(), slope(function, x).numpy()


@shared(max_entries=1)
def gelu_facts() -> tuple[tuple[float, float], float]:
    """The lowest point of GELU, and how far its tanh formula is from it at most."""
    return lowest_point(gelu), largest_gap(gelu, gelu_tanh)


@shared(max_entries=64)
def units(look: Look, ids: Ids, layer: int) -> tuple[UnitFacts, np.ndarray]:
    """What a layer's hidden units would do under GELU, and which 40 of them vary most."""
    hidden = torch.tensor(look_inside(look, ids)[f"blocks.{layer}.ffn.hidden"])
    return unit_facts(hidden, gelu), liveliest(hidden, 40).numpy()


@shared(max_entries=64)
def logits_with_activation(look: Look, ids: Ids, activation: str) -> torch.Tensor:
    """Scores for the place after the ids, with another activation than in training: (V,)."""
    model = model_of(look)
    other = with_switches(model, replace(model.config, activation=activation))
    return logits_after(other, look, ids)
