import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from strategies import SEEDS, assert_near

from core.positions import rotate, sinusoidal


def test_sinusoidal_positions_are_those_of_the_paper() -> None:
    waves = sinusoidal(torch.arange(20), 6)
    for position in (0, 1, 19):
        for i in range(3):
            angle = position / 10000 ** (2 * i / 6)
            assert waves[position, 2 * i].item() == pytest.approx(math.sin(angle), abs=1e-5)
            assert waves[position, 2 * i + 1].item() == pytest.approx(math.cos(angle), abs=1e-5)


@pytest.mark.parametrize("emb_dim", [1, 2, 5, 8])
def test_every_width_is_possible(emb_dim: int) -> None:
    assert sinusoidal(torch.arange(4), emb_dim).shape == (4, emb_dim)


@given(st.integers(0, 50), st.integers(0, 50), SEEDS)
def test_turning_keeps_lengths_and_shows_only_distance(first: int, shift: int, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    query, key = torch.randn(2, 1, 1, 1, 8, generator=generator)
    at = [torch.tensor([p]) for p in (first, first + 3, first + shift, first + shift + 3)]
    dots = [(rotate(query, at[i]) * rotate(key, at[i + 1])).sum() for i in (0, 2)]
    assert_near(dots[0], dots[1], 1e-4)
    assert_near(rotate(query, at[2]).norm(), query.norm())
    assert torch.equal(rotate(query, torch.tensor([0])), query)
