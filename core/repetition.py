"""Does a text say the same thing again? Measured on token ids."""

from collections.abc import Sequence
from typing import NamedTuple


class Repeat(NamedTuple):
    """A stretch of tokens that comes twice."""

    length: int  # 0 if no token comes twice
    first: int  # where it stands first
    again: int  # and where again; the two do not overlap


class Loop(NamedTuple):
    """A text that ends by going round and round."""

    start: int  # where the first round begins
    period: int  # tokens in a round


def longest_repeat(ids: Sequence[int]) -> Repeat:
    """The longest stretch that comes twice without overlapping itself; the earliest of several."""
    best = Repeat(0, 0, 0)
    common = [0] * (len(ids) + 1)  # common[j]: how far back ids before i and before j are the same
    for i in range(1, len(ids)):
        row = [0] * (len(ids) + 1)
        for j in range(i + 1, len(ids) + 1):
            if ids[i - 1] == ids[j - 1]:
                row[j] = common[j - 1] + 1
                length = min(row[j], j - i)
                if length > best.length:
                    best = Repeat(length, i - length, j - length)
        common = row
    return best


def loop_of(ids: Sequence[int], rounds: int = 3) -> Loop | None:
    """The loop that a text ends in, with the shortest period, if it has gone round `rounds` times."""
    for period in range(1, len(ids) // rounds + 1):
        start = len(ids) - period
        while start > 0 and ids[start - 1] == ids[start - 1 + period]:
            start -= 1
        if len(ids) - start >= rounds * period:
            return Loop(start, period)
    return None


def parting(one: Sequence[int], other: Sequence[int]) -> int | None:
    """The first place where two texts differ; None if one is the beginning of the other."""
    pairs = zip(one, other, strict=False)
    return next((place for place, (a, b) in enumerate(pairs) if a != b), None)
