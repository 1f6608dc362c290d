from itertools import islice

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from llms_from_scratch.ch02 import GPTDatasetV1
from strategies import SEEDS

from core.data import (
    epoch_order,
    random_batches,
    sliding_windows,
    target_counts,
    train_validation_split,
    window_starts,
)
from core.tokenizer import load_tokenizer


class GivenIds:
    """Stands for the book's tokenizer: the ids are there already."""

    def __init__(self, ids: list[int]) -> None:
        self.ids = ids

    def encode(self, text: str, allowed_special: set[str]) -> list[int]:
        return self.ids


@given(st.lists(st.integers(0, 99), max_size=40), st.integers(1, 9), st.integers(1, 12))
def test_windows_are_the_books(ids: list[int], context_length: int, stride: int) -> None:
    book = GPTDatasetV1("", GivenIds(ids), context_length, stride)
    inputs, targets = sliding_windows(ids, context_length, stride)
    assert inputs.shape == targets.shape == (len(book), context_length)
    assert inputs.dtype == targets.dtype == torch.long
    assert inputs.tolist() == [row.tolist() for row in book.input_ids]
    assert targets.tolist() == [row.tolist() for row in book.target_ids]


def test_windows_of_a_real_text_are_the_books() -> None:
    text = "It was so glorious out in the country; it was summer, and the wheat fields were golden."
    tokenizer = load_tokenizer("gpt2")
    book = GPTDatasetV1(text, tokenizer.encoding, 4, 4)
    inputs, targets = sliding_windows(tokenizer.encode(text), 4, 4)
    assert torch.equal(inputs, torch.stack(book.input_ids))
    assert torch.equal(targets, torch.stack(book.target_ids))


def test_windows_do_not_share_memory_with_the_text() -> None:
    ids = torch.arange(10)
    inputs, targets = sliding_windows(ids, 3, 1)
    inputs.zero_()
    assert ids.tolist() == list(range(10))
    assert targets[0].tolist() == [1, 2, 3]


@pytest.mark.parametrize(("context_length", "stride"), [(0, 1), (1, 0), (-2, 1), (3, -1), (2.5, 1)])
def test_windows_need_whole_numbers(context_length: int, stride: int) -> None:
    with pytest.raises(ValueError, match="whole number of at least 1"):
        sliding_windows([1, 2, 3, 4], context_length, stride)


@given(st.integers(2, 30), st.integers(1, 8), st.integers(1, 5), st.integers(0, 2**31))
def test_random_batches_are_windows_of_the_text(
    n_ids: int, context_length: int, batch_size: int, seed: int
) -> None:
    if n_ids <= context_length:
        return
    ids = torch.arange(n_ids)
    generator = torch.Generator().manual_seed(seed)
    for inputs, targets in islice(random_batches(ids, context_length, batch_size, generator), 3):
        assert inputs.shape == targets.shape == (batch_size, context_length)
        assert torch.equal(targets, inputs + 1)
        assert inputs.min() >= 0
        assert targets.max() < n_ids


def test_random_batches_reach_both_ends_of_the_text() -> None:
    batches = random_batches(torch.arange(6), 3, 50, torch.Generator().manual_seed(1))
    inputs, _ = next(batches)
    assert set(inputs[:, 0].tolist()) == {0, 1, 2}


def test_random_batches_go_on_from_a_saved_generator() -> None:
    ids, generator = torch.arange(100), torch.Generator().manual_seed(7)
    batches = random_batches(ids, 4, 3, generator)
    next(batches)
    saved = generator.get_state()
    expected = [next(batches)[0] for _ in range(3)]
    again = random_batches(ids, 4, 3, torch.Generator())
    resumed = torch.Generator()
    resumed.set_state(saved)
    again = random_batches(ids, 4, 3, resumed)
    assert all(torch.equal(next(again)[0], batch) for batch in expected)


@given(st.integers(0, 200))
def test_the_split_loses_nothing(n_ids: int) -> None:
    ids = torch.arange(n_ids)
    train, validation = train_validation_split(ids)
    assert torch.equal(torch.cat((train, validation)), ids)
    assert len(train) == int(0.9 * n_ids)


LENGTHS, CONTEXTS, STRIDES = st.integers(0, 60), st.integers(1, 12), st.integers(1, 15)


@given(LENGTHS, CONTEXTS, STRIDES)
def test_every_target_of_every_window_is_counted(n: int, context_length: int, stride: int) -> None:
    _, targets = sliding_windows(torch.arange(n), context_length, stride)
    counts = target_counts(n, context_length, stride)
    assert counts.tolist() == torch.bincount(targets.flatten(), minlength=n).tolist()
    assert counts.sum() == len(targets) * context_length  # a window is context_length examples
    assert n == 0 or counts[0] == 0


@given(LENGTHS, CONTEXTS, STRIDES)
def test_the_number_of_windows_has_a_formula(n: int, context_length: int, stride: int) -> None:
    starts = window_starts(n, context_length, stride)
    assert len(starts) == max(0, -(-(n - context_length) // stride))
    assert all(start + context_length < n for start in starts)


@given(LENGTHS, CONTEXTS)
def test_a_stride_of_the_context_skips_and_repeats_nothing(n: int, context_length: int) -> None:
    counts = target_counts(n, context_length, context_length)
    reached = len(window_starts(n, context_length, context_length)) * context_length
    assert counts[1 : reached + 1].tolist() == [1] * reached
    assert counts[reached + 1 :].sum() == 0
    assert n - 1 - reached < context_length or not reached


@given(st.integers(20, 60), CONTEXTS, STRIDES)
def test_a_short_stride_repeats_and_a_long_one_skips(n: int, context_length: int, stride: int) -> None:
    starts = window_starts(n, context_length, stride)
    inner = target_counts(n, context_length, stride)[context_length : starts[-1] + 2]
    if stride < context_length:
        assert (inner >= context_length // stride).all()
    if stride > context_length and len(starts) > 1:
        assert (inner == 0).sum() == (len(starts) - 1) * (stride - context_length)


@given(st.integers(0, 50), st.integers(1, 9), SEEDS)
def test_an_epoch_shows_every_window_at_most_once(n_windows: int, batch_size: int, seed: int) -> None:
    plain = epoch_order(n_windows, batch_size)
    mixed = epoch_order(n_windows, batch_size, torch.Generator().manual_seed(seed))
    assert plain.shape == mixed.shape == (n_windows // batch_size, batch_size)
    assert plain.flatten().tolist() == list(range(plain.numel()))
    assert len(set(mixed.flatten().tolist())) == mixed.numel()
    assert torch.equal(mixed, epoch_order(n_windows, batch_size, torch.Generator().manual_seed(seed)))


@pytest.mark.parametrize(("n_windows", "batch_size"), [(-1, 2), (3, 0), (2.5, 1)])
def test_an_epoch_needs_whole_numbers(n_windows: int, batch_size: int) -> None:
    with pytest.raises(ValueError, match="whole number"):
        epoch_order(n_windows, batch_size)
