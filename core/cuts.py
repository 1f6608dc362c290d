"""Where two tokenizers cut the same text: the cuts inside its words, as those between are no choice."""

from collections.abc import Sequence

from core.bpe import split_words
from core.pieces import Piece


def inner_cuts(text: str, pieces: Sequence[Piece]) -> set[int]:
    """The characters before which a token begins, but not a word."""
    at, words = 0, set()
    for word in split_words(text):
        words.add(at)
        at += len(word)
    return {piece.start for piece in pieces} - words - {0}


def pieces_by_word(text: str, cuts: set[int]) -> list[tuple[str, int]]:
    """Each word with the number of its pieces."""
    found, at = [], 0
    for word in split_words(text):
        found.append((word, 1 + sum(at < place < at + len(word) for place in cuts)))
        at += len(word)
    return found


def in_common(one: set[int], other: set[int]) -> float:
    """Share of all cuts that both make, from 0 to 1; 1 if nobody cuts."""
    both = one | other
    return len(one & other) / len(both) if both else 1.0
