"""Is it text? The share of real words in what was written, and of words that stand beside each other."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
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
    """For each writing, what of it stands in the text; a text is read once, for all who ask."""
    known, pairs = words_and_pairs(text)
    written = [list(words_in(writing)) for writing in writings]
    return [RealShares(share(words, known), share([*pairwise(words)], pairs)) for words in written]


@lru_cache(maxsize=2)  # a book takes a tenth of a second
def words_and_pairs(text: str) -> tuple[frozenset[str], frozenset[tuple[str, str]]]:
    """All words of a text, and all that stand beside each other."""
    once: dict[str, str] = {}  # each word is kept once, however often it comes
    words = [once.setdefault(word, word) for word in words_in(text)]
    return frozenset(words), frozenset(pairwise(words))


def share(things: Sequence, known: frozenset) -> float:
    """How many of the things are known."""
    return sum(thing in known for thing in things) / len(things) if things else 0.0
