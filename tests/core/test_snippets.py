from itertools import pairwise

import torch
from hypothesis import given
from hypothesis import strategies as st
from strategies import SEEDS

from core.snippets import IGNORED, snippet_rows


@given(st.integers(1, 12), st.integers(0, 8), st.integers(1, 40), st.integers(1, 4), SEEDS)
def test_every_target_can_be_looked_up(shortest: int, more: int, length: int, rows: int, seed: int) -> None:
    """What is to be predicted has come before, after the very token that is read now."""
    generator = torch.Generator().manual_seed(seed)
    inputs, targets = snippet_rows(30, length, rows, shortest, shortest + more, generator)
    assert inputs.shape == targets.shape == (rows, length)
    assert ((inputs >= 0) & (inputs < 30)).all()
    for row, wanted in zip(inputs.tolist(), targets.tolist(), strict=True):
        for place, target in enumerate(wanted):
            if target != IGNORED:
                assert (row[place], target) in pairwise(row[: place + 1])
                assert place + 1 == length or row[place + 1] == target


def test_about_half_of_a_long_row_has_targets_and_the_same_seed_gives_the_same_rows() -> None:
    one, other = (snippet_rows(500, 128, 50, 12, 60, torch.Generator().manual_seed(7)) for _ in range(2))
    assert 0.3 < (one[1] != IGNORED).float().mean() < 0.6
    assert all(torch.equal(a, b) for a, b in zip(one, other, strict=True))
