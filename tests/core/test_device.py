"""What core computes stays where the model and its inputs are, whatever device PyTorch makes tensors on.

There need not be a second device: PyTorch is told to make new tensors on "meta", where they have no numbers.
One that does not take its device from the model, or from what it is given, then cannot meet the others.
"""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from strategies import lively
from torch import Tensor

from core import gpt2_reference
from core.answers import response_surprise
from core.bag_of_words import logits_without_positions
from core.class_map import answer_vectors
from core.classify import Classifier, class_logits, score, with_class_layer
from core.config import TINY
from core.decoding import Decoder
from core.dropout import drop, running_mean
from core.embeddings import one_hot_product, position_table, turned_cosines
from core.instruct import Example
from core.interventions import patch_map
from core.knockouts import head_knockouts, part_knockouts
from core.kv_cache import KVCache
from core.labelled import Padded
from core.lens import losses_along
from core.long_context import binned
from core.lora import with_lora
from core.neurons import firing
from core.sampling import generate, last_logits, next_token_probs
from core.shifts import losses_by_shift
from core.written import surprises

MODEL, DOUBLE = lively(TINY), lively(TINY).double()
MODELS = {
    position: lively(replace(TINY, position=position)).requires_grad_(False)
    for position in ("learned", "rotary", "sinusoidal", "none")
}
CLASSIFIER = Classifier(MODEL, 3, read="last_real")
IDS = torch.arange(1, 9)
TEXTS = Padded(IDS.view(2, 4), torch.tensor([3, 4]))
LABELS = torch.tensor([0, 2])
OTHER, VECTORS = IDS.flip(0), torch.linspace(-1, 1, 9 * TINY.emb_dim).view(9, TINY.emb_dim)


def drawn(model: torch.nn.Module, **how: object) -> Tensor:
    """The ids of a text, as a tensor of the CPU."""
    dice = torch.Generator().manual_seed(3)
    return torch.tensor(list(generate(model, [1, 2, 3], 40, generator=dice, **how)), device="cpu")


def one_step(model: torch.nn.Module, **how: object) -> Tensor:
    cache = KVCache(TINY, device=model.device, dtype=model.tok_emb.weight.dtype)
    last_logits(model, [1, 2], cache)
    return Decoder(model, **how)(3, cache)


COMPUTED: dict[str, Callable[[], object]] = {
    **{f"{position} logits": lambda m=m: m(IDS[None]) for position, m in MODELS.items()},
    **{f"{position} text": lambda m=m: drawn(m, temperature=1.0) for position, m in MODELS.items()},
    "best text": lambda: drawn(MODEL),
    "text without a cache": lambda: drawn(MODEL, use_cache=False, temperature=0.5, top_k=9, top_p=0.9),
    "text of a double model": lambda: drawn(DOUBLE, temperature=1.0),
    "logits of a list": lambda: last_logits(MODEL, [1, 2, 3]),
    "one more token": lambda: one_step(MODELS["learned"]),
    "one more token in float16": lambda: one_step(MODELS["rotary"], weights="float16"),
    "probabilities": lambda: next_token_probs(VECTORS[0], temperature=2, top_k=9, top_p=0.8),
    "bag of words": lambda: logits_without_positions(MODEL, (1, 2, 3), causal=True),
    "positions": lambda: [position_table(MODELS[name]) for name in ("learned", "sinusoidal")],
    "one hot": lambda: one_hot_product(MODEL.tok_emb.weight.detach(), 3),
    "turns": lambda: turned_cosines(IDS, 8),
    "heads off": lambda: head_knockouts(MODEL, IDS, 3, "mean"),
    "parts off": lambda: list(part_knockouts(MODEL, IDS, 3).values()),
    "patches": lambda: patch_map(MODEL, IDS, OTHER, 3),
    "neurons": lambda: list(firing(MODEL, IDS.view(2, 4), 3))[:3],
    "surprises": lambda: [surprises(MODEL, IDS.tolist(), 1), surprises(MODEL, IDS.tolist(), 8)],
    "shifts": lambda: losses_by_shift(MODEL, IDS),
    "no losses": lambda: losses_along(MODEL, VECTORS[:0], IDS[:0]),
    "means of places": lambda: list(binned(VECTORS[0], 3)),
    "answer": lambda: torch.tensor(response_surprise(MODEL, Example([1, 2, 3, 4], 2), 5), device="cpu"),
    "class layer": lambda: list(with_class_layer(MODEL, 3).out_head.state_dict().values()),
    "classes": lambda: [class_logits(CLASSIFIER, TEXTS), score(CLASSIFIER, TEXTS, LABELS).logits],
    "map": lambda: answer_vectors(CLASSIFIER, TEXTS),
    "dropout": lambda: drop(VECTORS, 0.5),
    "means": lambda: running_mean(VECTORS[0]),
    "turned by the reference": lambda: gpt2_reference.turn(VECTORS[None, :, :8]),
    "adapters": lambda: [x for name, x in with_lora(MODEL, 2).state_dict().items() if name.endswith(".A")],
}


def flat(found: object) -> list[Tensor]:
    return [found] if isinstance(found, Tensor) else list(found)


@pytest.mark.parametrize("name", COMPUTED)
def test_nothing_leaves_the_models_device(name: str):
    expected = flat(COMPUTED[name]())
    with torch.device("meta"):
        found = flat(COMPUTED[name]())
    assert expected
    for one, other in zip(found, expected, strict=True):
        assert one.device == other.device
        assert torch.equal(one, other)


def test_a_cache_is_where_and_as_precise_as_it_is_told():
    cache = KVCache(TINY, 2, device=torch.device("meta"), dtype=torch.float64)
    for kept in (cache.keys, cache.values):
        assert kept.is_meta
        assert kept.dtype == torch.float64
