import math
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.config import ACTIVATIONS
from core.gradients import (
    MOST_BLOCKS,
    MOST_LAYERS,
    DeepNetwork,
    deep_network_gradients,
    depth_gradients,
    make_layers,
)

TEXT = {"ids": (3, 1, 4, 1, 5, 9, 2, 6), "vocab_size": 12}
BOOK_SIZES = [3, 3, 3, 3, 3, 1]


def first_to_last(**switches) -> float:
    gradients = depth_gradients(DeepNetwork(**switches))
    return gradients[0] / gradients[-1]


def test_the_new_switches_leave_the_books_network_alone() -> None:
    for shortcut in (True, False):
        assert deep_network_gradients(BOOK_SIZES, shortcut) == deep_network_gradients(
            BOOK_SIZES, shortcut, norm=False, activation="gelu_tanh", gain=1.0
        )


@settings(max_examples=30)
@given(
    st.integers(1, 12),
    st.booleans(),
    st.booleans(),
    st.sampled_from(ACTIVATIONS),
    st.sampled_from([0.5, 1.0, 2.0]),
    st.booleans(),
)
def test_one_gradient_a_layer_the_same_every_time(depth, residual, norm, activation, gain, blocks) -> None:
    text = TEXT if blocks else {}
    network = DeepNetwork(depth=depth, residual=residual, norm=norm, activation=activation, gain=gain, **text)
    before = torch.random.get_rng_state()
    gradients = depth_gradients(network)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert len(gradients) == depth
    assert all(gradient >= 0 for gradient in gradients)
    assert gradients == depth_gradients(network)


@pytest.mark.parametrize(
    "switches", [{"residual": False}, {"norm": False}, {"residual": False, "norm": False}]
)
def test_one_layer_needs_no_help_and_deep_ones_do(switches) -> None:
    assert first_to_last(depth=1, **switches) == 1
    assert 0.1 < first_to_last(depth=24) < 10


def test_without_both_the_gradient_vanishes_exponentially() -> None:
    assert first_to_last(depth=24, residual=False, norm=False) < 1e-8
    assert depth_gradients(DeepNetwork(depth=100, residual=False, norm=False))[0] == 0  # below 32 bits


def test_a_residual_without_norm_explodes_and_norm_cures_it() -> None:
    alone = depth_gradients(DeepNetwork(depth=100, norm=False))
    assert min(alone) > 1e10
    assert max(depth_gradients(DeepNetwork(depth=100))) < 10
    assert not all(map(math.isfinite, depth_gradients(DeepNetwork(depth=100, norm=False, gain=3.0))))


def test_a_gpt_without_both_has_no_gradient_left_at_twelve_blocks() -> None:
    network = DeepNetwork(depth=12, **TEXT)
    assert depth_gradients(replace(network, residual=False, norm=False))[0] < 1e-30
    assert depth_gradients(network)[0] > 1e-4


def test_gain_multiplies_weights_only() -> None:
    plain, larger = make_layers([4, 4], 1), make_layers([4, 4], 1, gain=3.0)
    assert torch.equal(larger[0].weight, 3 * plain[0].weight)
    assert torch.equal(larger[0].bias, plain[0].bias)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"depth": 0}, "at least 1"),
        ({"depth": MOST_LAYERS + 1}, "more than 100"),
        ({"depth": MOST_BLOCKS + 1, **TEXT}, "more than 12"),
        ({"depth": 2, "activation": "step"}, "choose one of"),
        ({"depth": 2, "gain": 0.0}, "above 0"),
        ({"depth": 2, "gain": math.nan}, "above 0"),
        ({"depth": 2, "ids": (1,)}, "2 to 32"),
        ({"depth": 2, "ids": (1,) * 33}, "2 to 32"),
    ],
)
def test_what_cannot_be_is_refused_in_words(wrong, words) -> None:
    with pytest.raises(ValueError, match=words):
        DeepNetwork(**wrong)
