from itertools import islice

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.labelled import Labelled, balanced, labelled, labelled_batches, pad, split

COUNTS = st.lists(st.integers(10, 30), min_size=2, max_size=5)


def made(counts: list[int]) -> Labelled:
    names = [f"class {k}" for k, count in enumerate(counts) for _ in range(count)]
    return labelled([f"text {row}" for row in range(len(names))], names)


def test_classes_are_numbered_in_sorted_order() -> None:
    data = labelled(["a b"] * 20, ["spam", " ham "] * 10)
    assert data.classes == ("ham", "spam")
    assert data.labels == (1, 0) * 10


@given(COUNTS)
def test_balanced_has_as_many_of_each_class_as_the_smallest_and_keeps_the_order(counts: list[int]) -> None:
    data, even = made(counts), balanced(made(counts))
    assert [even.labels.count(k) for k in range(len(counts))] == [min(counts)] * len(counts)
    kept = dict(zip(data.texts, data.labels, strict=True))
    assert list(even.texts) == [text for text in data.texts if text in set(even.texts)]
    assert all(kept[text] == label for text, label in zip(even.texts, even.labels, strict=True))
    assert len(set(even.texts)) == len(even.texts)


@given(COUNTS, st.integers(0, 99))
def test_a_split_has_each_row_once_in_parts_of_70_10_and_20(counts: list[int], seed: int) -> None:
    data = made(counts)
    parts = split(data, seed)
    rows = [row for part in parts for row in zip(part.texts, part.labels, strict=True)]
    assert sorted(rows) == sorted(zip(data.texts, data.labels, strict=True))
    n = len(data.texts)
    assert [len(part.texts) for part in parts[:2]] == [int(n * 0.7 + 1e-9), n // 10]
    assert all(part.texts and part.classes == data.classes for part in parts)
    assert parts == split(data, seed)


def test_another_seed_is_another_split_and_another_choice() -> None:
    data = made([10, 30])
    assert split(data, 1) != split(data, 2)
    assert balanced(data, 1) != balanced(data, 2)


@pytest.mark.parametrize(
    ("texts", "labels", "says"),
    [
        ([], [], "at least two classes"),
        (["one"], ["spam"], "1 row.*all have the label 'spam'"),
        (["a"] * 30, ["spam"] * 30, "at least two classes"),
        (["a"] * 30, ["spam"] * 29 + ["ham"], "'ham' has 1 row"),
        (["a"] * 30, ["spam"] * 29, "30 texts and 29 labels"),
        (["a", " \n"] * 10, ["spam", "ham"] * 10, "row 2 has no text"),
        (["a", "b"] * 10, ["spam", " "] * 10, "row 2 has no label"),
        (["a"] * 30, [str(row) for row in range(30)], "30 classes, and at most 10"),
    ],
)
def test_rows_that_cannot_be_learned_are_refused_in_a_sentence(texts: list, labels: list, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        labelled(texts, labels)


@given(
    st.lists(st.lists(st.integers(0, 8), min_size=1, max_size=9), min_size=1, max_size=6), st.integers(1, 12)
)
def test_padding_and_cutting_keep_the_beginning(rows: list[list[int]], length: int) -> None:
    ids, lengths = pad(rows, 99, length)
    assert ids.shape == (len(rows), length)
    for row, padded, n in zip(rows, ids.tolist(), lengths.tolist(), strict=True):
        assert padded == row[:length] + [99] * (length - len(row))
        assert n == min(len(row), length)
    assert pad(rows, 99).ids.shape[1] == max(map(len, rows))


def test_nothing_to_pad_is_refused() -> None:
    for rows in ([], [[1], []]):
        with pytest.raises(ValueError, match="at least one word"):
            pad(rows, 0)


def test_batches_keep_texts_lengths_and_labels_together() -> None:
    texts = pad([[row] * (row + 1) for row in range(7)], 99)
    for (ids, lengths), labels in islice(labelled_batches(texts, torch.arange(7), 3), 5):
        assert ids.shape == (3, 7)
        assert torch.equal(ids[:, 0], labels)
        assert torch.equal(lengths, labels + 1)
