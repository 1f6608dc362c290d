import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from strategies import SEEDS

from core.one_matrix import asymmetry, finds_itself


@given(st.integers(2, 8), st.integers(1, 6), SEEDS)
def test_with_one_matrix_nothing_depends_on_who_asks(tokens: int, width: int, seed: int):
    queries = torch.randn(3, tokens, width, generator=torch.Generator().manual_seed(seed))
    shared = asymmetry(queries @ queries.transpose(-2, -1))
    assert shared.shape == (3,)
    assert shared.max() < 1e-6


@given(st.integers(2, 8), SEEDS)
def test_it_is_the_share_of_the_part_that_turns_its_sign(tokens: int, seed: int):
    scores = torch.randn(tokens, tokens, generator=torch.Generator().manual_seed(seed))
    turned, same = (scores - scores.T) / 2, (scores + scores.T) / 2
    found = asymmetry(scores)
    assert 0 <= found <= 1
    assert found * scores.square().sum() == pytest.approx(turned.square().sum().item(), rel=1e-4)
    assert (1 - found) * scores.square().sum() == pytest.approx(same.square().sum().item(), rel=1e-4)
    assert asymmetry(turned) == pytest.approx(1)


def test_scores_of_nothing_are_the_same_both_ways():
    assert asymmetry(torch.zeros(3, 3)) == 0
    assert asymmetry(torch.ones(1, 1)) == 0


def test_a_token_finds_itself_where_the_diagonal_is_largest():
    assert finds_itself(torch.eye(4)) == 1
    assert finds_itself(torch.tensor([[1.0, 2.0], [0.0, 1.0]])) == 0.5
    assert finds_itself(1 - torch.eye(4)) == 0
