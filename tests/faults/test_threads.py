"""Two sessions at the same time: each gets the numbers of its own seed."""

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
import torch
from torch import Tensor

from core.by_hand import INPUTS, attend, even_projections, linear_projections, split_heads
from core.classify import with_class_layer
from core.config import TINY
from core.draws import draw_counts
from core.dropout import drop, kept_sums
from core.explosion import stream_after_layers
from core.gpt import build_model
from core.gradients import DeepNetwork, deep_network_gradients, depth_gradients, make_layers
from core.lora import with_lora
from core.normalisation import UntrainedStack, stream_by_depth
from core.roles import repeated_random_ids
from core.sampling import generate

THREADS, ROUNDS = 6, 12
SMALL = replace(TINY, n_layers=1)
MODEL = build_model(SMALL)
TEXT = DeepNetwork(depth=2, ids=(1, 2, 3, 1), vocab_size=9)


def weights_of(module: torch.nn.Module) -> list[Tensor]:
    return list(module.state_dict().values())


def written(seed: int) -> list[int]:
    dice = torch.Generator().manual_seed(seed)
    return list(generate(MODEL, [1, 2], 3, temperature=1.0, generator=dice))


SEEDED: dict[str, Callable[[int], object]] = {  # every kind of seeded number that the server computes
    "model": lambda seed: weights_of(build_model(SMALL, seed)),
    "rotary, tied, biased model": lambda seed: weights_of(
        build_model(replace(SMALL, position="rotary", tie_weights=True, qkv_bias=True), seed)
    ),
    "class layer": lambda seed: weights_of(with_class_layer(MODEL, 60, seed).out_head),
    "adapters": lambda seed: weights_of(with_lora(MODEL, 2, seed=seed)),
    "linear layers": lambda seed: [weights_of(layer) for layer in make_layers([9, 9, 9, 1], seed)],
    "gradients": lambda seed: deep_network_gradients([3, 3, 3, 1], shortcut=True, seed=seed),
    "gradients of linear layers": lambda seed: depth_gradients(DeepNetwork(depth=2 + seed)),
    "gradients of blocks": lambda seed: depth_gradients(replace(TEXT, depth=1 + seed % 2)),
    "stream of linear layers": lambda seed: stream_after_layers(DeepNetwork(depth=2 + seed)),
    "stream of blocks": lambda seed: stream_after_layers(replace(TEXT, depth=1 + seed % 2)),
    "stream by depth": lambda seed: stream_by_depth("pre", (1, 2, 3), UntrainedStack(depth=1 + seed % 2)),
    "even matrices": lambda seed: list(even_projections(seed)),
    "matrices by hand": lambda seed: [list(one) for one in linear_projections(seed, heads=2)],
    "split heads": lambda seed: split_heads(INPUTS, seed=seed).out,
    "dropout": lambda seed: drop(torch.ones(8, 8), 0.5, seed),
    "dropout by hand": lambda seed: attend(INPUTS, drop_rate=0.5, seed=seed).dropped,
    "sums after dropout": lambda seed: kept_sums(torch.ones(8), 0.2, 20, seed=seed),
    "draws": lambda seed: draw_counts(torch.full((9,), 1 / 9), 50, seed),
    "text": written,
    "random ids": lambda seed: repeated_random_ids(50, 9, seed),
}


def same(found: object, expected: object) -> bool:
    """Whether two results are the same, bit for bit."""
    if isinstance(found, Tensor):
        return torch.equal(found, expected)
    if isinstance(found, list):
        return len(found) == len(expected) and all(map(same, found, expected))
    return found == expected


@pytest.fixture
def many_switches():
    """Threads take turns as often as they can: what they share is disturbed as soon as possible."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("many_switches")
@pytest.mark.parametrize("name", SEEDED)
def test_67_each_thread_gets_the_numbers_of_its_seed(name: str):
    seeded, start = SEEDED[name], Barrier(THREADS)
    alone = [seeded(seed) for seed in range(THREADS)]
    shared = torch.get_rng_state()

    def wrong(thread: int) -> int:
        start.wait()
        seeds = [(thread + turn) % THREADS for turn in range(ROUNDS)]
        return sum(not same(seeded(seed), alone[seed]) for seed in seeds)

    with ThreadPoolExecutor(THREADS) as pool:
        assert sum(pool.map(wrong, range(THREADS))) == 0
    assert torch.equal(torch.get_rng_state(), shared)  # nobody else's numbers were touched
