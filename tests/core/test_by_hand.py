"""The book's numbers, to the digits that it prints, and what must hold for any."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from strategies import SEEDS
from torch import Tensor

from core.by_hand import (
    INPUTS,
    WORDS,
    attend,
    drop,
    even_projections,
    linear_projections,
    side_by_side,
    split_heads,
    who_hears,
)

JOURNEY = WORDS.index("journey")


def assert_prints(found: Tensor, *book: float) -> None:
    """Equal to all four digits."""
    assert [round(value, 4) for value in found.flatten().tolist()] == pytest.approx(list(book), abs=1e-6)


def test_without_weights():
    steps = attend(INPUTS)
    assert_prints(steps.scores[JOURNEY], 0.9544, 1.4950, 1.4754, 0.8434, 0.7070, 1.0865)
    assert_prints(steps.weights[JOURNEY], 0.1385, 0.2379, 0.2333, 0.1240, 0.1082, 0.1581)
    assert_prints(steps.context[JOURNEY], 0.4419, 0.6515, 0.5683)


def test_with_weights_of_seed_123():
    steps = attend(INPUTS, even_projections(123))
    assert_prints(steps.queries[JOURNEY], 0.4306, 1.4551)
    assert_prints(steps.scores[JOURNEY], 1.2705, 1.8524, 1.8111, 1.0795, 0.5577, 1.5440)
    assert_prints(steps.weights[JOURNEY], 0.1500, 0.2264, 0.2199, 0.1311, 0.0906, 0.1820)
    assert_prints(steps.context[JOURNEY], 0.3061, 0.8210)
    assert_prints(steps.context[0], 0.2996, 0.8053)


def test_with_linear_layers_of_seed_789_and_the_causal_mask():
    [projections] = linear_projections(789)
    assert_prints(attend(INPUTS, projections).context[:2], -0.0739, 0.0713, -0.0748, 0.0703)
    assert_prints(attend(INPUTS, projections).weights[0], 0.1921, 0.1646, 0.1652, 0.1550, 0.1721, 0.1510)
    causal = attend(INPUTS, projections, causal=True)
    assert_prints(causal.weights[JOURNEY], 0.5517, 0.4483, 0, 0, 0, 0)
    assert_prints(causal.weights[-1], 0.1935, 0.1663, 0.1666, 0.1542, 0.1666, 0.1529)


def test_dropout_of_seed_123():
    [projections] = linear_projections(789)
    dropped = attend(INPUTS, projections, causal=True, drop_rate=0.5).dropped
    assert_prints(dropped[0], 2, 0, 0, 0, 0, 0)
    assert_prints(dropped[2], 0.7599, 0.6194, 0.6206, 0, 0, 0)
    assert_prints(dropped[3], 0, 0.4921, 0.4925, 0, 0, 0)
    assert_prints(dropped[5], 0, 0.3327, 0.3331, 0.3084, 0.3331, 0)


def test_several_heads_of_seed_123():
    joined = side_by_side(INPUTS, linear_projections(123, heads=2))
    assert_prints(joined[0], -0.4519, 0.2216, 0.4772, 0.1063)
    assert_prints(joined[5], -0.5299, -0.1081, 0.5077, 0.3493)
    split = split_heads(INPUTS)
    assert_prints(split.out[:2], 0.3190, 0.4858, 0.2943, 0.3897)
    assert_prints(split.out[5], 0.2575, 0.4028)


def test_all_of_it_is_what_the_books_own_classes_give():
    book = pytest.importorskip("llms_from_scratch.ch03")
    torch.manual_seed(123)
    v1 = book.SelfAttention_v1(3, 2)
    torch.testing.assert_close(attend(INPUTS, even_projections(123)).context, v1(INPUTS))
    torch.manual_seed(789)
    v2 = book.SelfAttention_v2(3, 2)
    torch.testing.assert_close(attend(INPUTS, linear_projections(789)[0]).context, v2(INPUTS))
    torch.manual_seed(123)
    wrapper = book.MultiHeadAttentionWrapper(3, 2, 6, 0.0, 2)
    joined = side_by_side(INPUTS, linear_projections(123, heads=2))
    torch.testing.assert_close(joined, wrapper(INPUTS[None])[0])
    torch.manual_seed(123)
    multi = book.MultiHeadAttention(3, 2, 6, 0.0, 2)
    torch.testing.assert_close(split_heads(INPUTS).out, multi(INPUTS[None])[0])


@given(st.integers(1, 6), st.integers(1, 6), st.integers(1, 5), SEEDS)
def test_cross_attention_has_a_row_for_each_asker_and_a_column_for_each_other(
    n_queries: int, n_keys: int, width: int, seed: int
):
    generator = torch.Generator().manual_seed(seed)
    x, other = (torch.randn(n, width, generator=generator) for n in (n_queries, n_keys))
    steps = attend(x, other=other)
    assert steps.weights.shape == (n_queries, n_keys)
    torch.testing.assert_close(steps.weights.sum(-1), torch.ones(n_queries))
    torch.testing.assert_close(steps.weights, (x @ other.T).softmax(-1))
    torch.testing.assert_close(steps.context, steps.weights @ other)
    torch.testing.assert_close(attend(x, other=x).context, attend(x).context)


def test_dropout_keeps_the_sum_on_average_and_the_seed_decides():
    ones = torch.ones(400, 400)
    dropped = drop(ones, 0.25, seed=1)
    assert dropped.unique().tolist() == pytest.approx([0, 4 / 3])
    assert float(dropped.mean()) == pytest.approx(1, abs=0.01)
    assert torch.equal(dropped, drop(ones, 0.25, seed=1))
    assert not torch.equal(dropped, drop(ones, 0.25, seed=2))
    assert torch.equal(drop(ones, 0.0), ones)
    with pytest.raises(ValueError, match="below 1"):
        drop(ones, 1.0)


def test_drawing_weights_leaves_everybody_elses_chance_alone():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    even_projections(), linear_projections(1), split_heads(INPUTS), drop(INPUTS, 0.5)
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize("place", range(6))
def test_behind_the_mask_only_later_words_hear_of_a_change(place: int):
    [projections] = linear_projections(789)
    assert who_hears(INPUTS, place, projections, causal=True) == list(range(place, 6))
    assert who_hears(INPUTS, place, projections, causal=False) == list(range(6))
