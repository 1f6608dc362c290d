import math
from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.explosion import LIMIT, first_beyond, stream_after_layers
from core.gradients import LINEAR_WIDTH, DeepNetwork, depth_gradients, make_layers
from core.layers import relu

TEXT = {"ids": (3, 1, 4, 1, 5, 9, 2, 6), "vocab_size": 12}


@pytest.mark.parametrize(("residual", "norm"), [(True, True), (True, False), (False, True), (False, False)])
@pytest.mark.parametrize("text", [{}, TEXT])
def test_one_size_a_layer(residual: bool, norm: bool, text: dict) -> None:
    sizes = stream_after_layers(DeepNetwork(depth=7, residual=residual, norm=norm, **text))
    assert len(sizes) == 7
    assert all(size >= 0 for size in sizes)


@given(st.lists(st.floats(0, 1e9) | st.just(math.inf) | st.just(math.nan), max_size=12))
def test_the_first_beyond_is_the_first(sizes: list[float]) -> None:
    place = first_beyond(sizes)
    usual = [math.isfinite(size) and size <= LIMIT for size in sizes]
    assert (place is None) == all(usual)
    assert place is None or (not usual[place] and all(usual[:place]))


def test_the_residual_alone_explodes_and_a_norm_holds_it() -> None:
    network = DeepNetwork(depth=40, gain=3.0)
    with_norm = stream_after_layers(network)
    alone = stream_after_layers(replace(network, norm=False))
    assert first_beyond(with_norm) is None
    assert max(with_norm) < 1e3
    place = first_beyond(alone)
    assert place is not None
    assert 0 < place < 39
    assert alone[place - 1] <= LIMIT < alone[place]
    assert first_beyond(depth_gradients(replace(network, norm=False))) is not None


def test_the_stream_is_that_of_the_network_whose_gradients_are_shown() -> None:
    """The loss is the mean square of what leaves the last layer, and a step along its gradient lowers it."""
    first, second = make_layers([LINEAR_WIDTH] * 3, seed=123, gain=2.0)
    x = torch.tensor([[1.0, 0.0, -1.0]]).repeat(1, LINEAR_WIDTH)[:, :LINEAR_WIDTH]
    once = x + relu(first(x))
    twice = once + relu(second(once))
    expected = [one.pow(2).mean().sqrt().item() for one in (once, twice)]
    network = DeepNetwork(depth=2, norm=False, activation="relu", gain=2.0)
    assert stream_after_layers(network) == pytest.approx(expected, rel=1e-5)
    gradient = torch.autograd.grad(twice.pow(2).mean(), second.weight)[0]
    assert depth_gradients(network)[1] == pytest.approx(gradient.abs().mean().item(), rel=1e-5)


def test_the_gain_makes_the_stream_larger() -> None:
    for text in ({}, TEXT):
        network = DeepNetwork(depth=6, norm=False, **text)
        small, large = (stream_after_layers(replace(network, gain=gain))[-1] for gain in (0.5, 8.0))
        assert large > 1.1 * small
