"""Is it text? The share of real words in what was written, and of words that stand beside each other."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

WORD = re.compile(r"[a-z]+(?:['’][a-z]+)?")


class RealShares(NamedTuple):
    """How much of a writing is found in a text, each from 0 to 1; 0 where there is nothing to count."""

    words: float
    pairs: float  # of neighbouring words


def words_in(text: str) -> Iterator[str]:
    """Its words in small letters, without the signs between them."""
    return (found[0] for found in WORD.finditer(text.lower()))


def real_shares(writings: Sequence[str], text: str) -> list[RealShares]:
    """For each writing, what of it stands in the text; the text is read once for all."""
    written = [list(words_in(writing)) for writing in writings]
    wanted = {pair for words in written for pair in pairwise(words)}
    known: set[str] = set()
    pairs: set[tuple[str, str]] = set()
    for pair in pairwise(("", *words_in(text))):
        known.add(pair[1])
        if pair in wanted:
            pairs.add(pair)
    return [RealShares(share(words, known), share([*pairwise(words)], pairs)) for words in written]


def share(things: Sequence, known: set) -> float:
    """How many of the things are known."""
    return sum(thing in known for thing in things) / len(things) if things else 0.0
