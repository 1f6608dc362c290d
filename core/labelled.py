"""Texts with a label each, made ready to learn from: checked, balanced, split, padded (book 6.2, 6.3)."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple, Self

import torch
from torch import Tensor

from core.config import check_whole_number
from core.epochs import batch_rows

MOST_CLASSES = 10
FEWEST_ROWS = 10  # of each class, or nothing would be left to check the model with


class Labelled(NamedTuple):
    """Texts, and for each the number of its class."""

    texts: tuple[str, ...]
    labels: tuple[int, ...]
    classes: tuple[str, ...]  # what the numbers 0, 1, ... mean

    def take(self, rows: Sequence[int]) -> Self:
        """Some of the rows, in the order asked for."""
        return self._replace(
            texts=tuple(self.texts[row] for row in rows), labels=tuple(self.labels[row] for row in rows)
        )


class Padded(NamedTuple):
    """Rows of token ids, filled up on the right to one length, and how many of each are text."""

    ids: Tensor  # (N, T) of long
    lengths: Tensor  # (N,) of long, each from 1 to T

    def to(self, device: torch.device) -> "Padded":
        """The same rows on another device."""
        return Padded(self.ids.to(device), self.lengths.to(device))


def labelled(texts: Sequence[str], labels: Sequence[str]) -> Labelled:
    """Texts with labels in words; classes are numbered in sorted order. ValueError says what is amiss."""
    if len(texts) != len(labels):
        raise ValueError(f"there are {len(texts)} texts and {len(labels)} labels: each text needs one label")
    for name, column in (("text", texts), ("label", labels)):
        empty = [row for row, value in enumerate(column, 1) if not value.strip()]
        if empty:
            raise ValueError(f"row {empty[0]} has no {name}: fill it in, or leave the row out")
    names = [label.strip() for label in labels]
    classes = sorted(set(names))
    check_classes(classes, Counter(names))
    return Labelled(tuple(texts), tuple(map(classes.index, names)), tuple(classes))


def check_classes(classes: Sequence[str], counts: Counter[str]) -> None:
    """Raise ValueError unless there are 2 to 10 classes with enough rows each."""
    rows = sum(counts.values())
    if len(classes) < 2:
        what = f"all have the label {classes[0]!r}" if classes else "none has a label"
        raise ValueError(f"there are {rows} row(s), and {what}: give rows of at least two classes")
    if len(classes) > MOST_CLASSES:
        raise ValueError(
            f"there are {len(classes)} classes, and at most {MOST_CLASSES} are allowed: "
            "is the second column the label? Else join some classes"
        )
    rarest = min(classes, key=counts.__getitem__)
    if counts[rarest] < FEWEST_ROWS:
        raise ValueError(
            f"the class {rarest!r} has {counts[rarest]} row(s), and each class needs at least {FEWEST_ROWS}: "
            "add rows, or leave the class out"
        )


def balanced(data: Labelled, seed: int = 123) -> Labelled:
    """As many rows of each class as the smallest has, drawn at random: then guessing one class pays nothing.

    The rows keep their order (book 6.2).
    """
    rows_of = [[row for row, label in enumerate(data.labels) if label == k] for k in range(len(data.classes))]
    smallest = min(map(len, rows_of))
    dice = random.Random(seed)
    return data.take(sorted(row for rows in rows_of for row in dice.sample(rows, smallest)))


def split(data: Labelled, seed: int = 123) -> tuple[Labelled, Labelled, Labelled]:
    """Shuffled, then 70 % to learn from, 10 % to watch, and the rest to judge by at the end (book 6.2)."""
    rows = list(range(len(data.texts)))
    random.Random(seed).shuffle(rows)
    learn, watch = len(rows) * 7 // 10, len(rows) // 10
    return data.take(rows[:learn]), data.take(rows[learn : learn + watch]), data.take(rows[learn + watch :])


def pad(rows: Sequence[Sequence[int]], pad_id: int, length: int | None = None) -> Padded:
    """All rows at one length, by default that of the longest: cut, or filled up with pad_id, on the right."""
    if not rows or not all(rows):
        raise ValueError("there is a text without a single token: give every row at least one word")
    length = length or max(map(len, rows))
    check_whole_number("length", length)
    ids = torch.full((len(rows), length), pad_id, dtype=torch.long)
    for row, text in zip(ids, rows, strict=True):
        kept = text[:length]
        row[: len(kept)] = torch.tensor(kept)
    return Padded(ids, torch.tensor([min(len(text), length) for text in rows]))


def labelled_batches(
    texts: Padded, labels: Tensor, batch_size: int, *, seed: int = 123, first_step: int = 0
) -> Iterator[tuple[Padded, Tensor]]:
    """Endless batches for `core.training.train`: padded texts, and the number of the class of each, (B,)."""
    for rows in batch_rows(len(labels), batch_size, seed=seed, first_step=first_step):
        yield Padded(texts.ids[rows], texts.lengths[rows]), labels[rows]
