"""A sample of a long text: windows of ids from places that lie evenly over all of it."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from core.config import check_whole_number

CHARACTERS = 8  # a token has fewer, in nearly every text: so many are read for each


def excerpts(encode: Callable[[str], Sequence[int]], text: str, length: int, count: int) -> Tensor:
    """At most `count` windows of `length` ids, (W, length), evenly spread over the text; each starts a word.

    A text that is shorter than that is read whole, without the rest that fills no window; one that fills
    not even one is a single, shorter window. No ids at all: (0, length).
    """
    check_whole_number("length", length)
    check_whole_number("count", count)
    reach = CHARACTERS * length
    if len(text) <= reach * count:
        return whole_windows(encode(text), length)[:count]
    windows = [encode(text[start : start + reach])[:length] for start in starts(text, reach, count)]
    full = [window for window in windows if len(window) == length]
    return torch.tensor(full, dtype=torch.long).view(-1, length)


def whole_windows(ids: Sequence[int], length: int) -> Tensor:
    """Ids cut into windows, (W, length); what fills none is left out, but for a text that is all of that."""
    ids = torch.tensor(ids, dtype=torch.long)
    if 0 < len(ids) < length:
        return ids[None]
    return ids[: len(ids) - len(ids) % length].view(-1, length)


def starts(text: str, reach: int, count: int) -> list[int]:
    """Where the windows start: evenly, each moved on to the next word."""
    even = (number * (len(text) - reach) // max(1, count - 1) for number in range(count))
    spaces = ((start, text.find(" ", start, start + reach)) for start in even)
    return [0 if start == 0 else max(start, space) for start, space in spaces]
