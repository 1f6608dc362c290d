"""Byte-pair encoding while it learns, as the Tokenizer page steps through it."""

from collections.abc import Sequence
from itertools import accumulate

from core.bpe import Pair, apply_merges, split_words
from core.library import read_text
from core.pieces import Piece, byte_pieces
from views.figures.base import visible
from views.text import safe

Merge = tuple[Pair, int]  # the pair, and how often it stood in the text when it was merged


def split_with(text: str, merges: Sequence[Pair]) -> list[Piece]:
    """The text's pieces after these merges; an id is a byte's value, or 256 plus the merge's number."""
    ids = {bytes([value]): value for value in range(256)} | {
        a + b: 256 + i for i, (a, b) in enumerate(merges)
    }
    tokens = [part for word in split_words(text) for part in apply_merges(word.encode(), merges)]
    return byte_pieces(text, [ids[token] for token in tokens], tokens)


def compression(corpus: str, merges: Sequence[Merge]) -> list[int]:
    """Tokens that a library text needs after 0, 1, 2, ... merges: each merge saves one for each pair."""
    return list(accumulate((-count for _, count in merges), initial=len(read_text(corpus).encode())))


def step_sentence(merges: Sequence[Merge], step: int) -> str:
    """Which pair was merged last, and which is next."""
    told = [f"Merge {n}: {pair_text(merges[n - 1])}" for n in (step, step + 1) if 0 < n <= len(merges)]
    return " · then ".join(told) or "No pair is left to merge."


def pair_text(merge: Merge) -> str:
    """One merge in words."""
    (left, right), count = merge
    parts = [safe(visible(part.decode("utf-8", "replace"))) for part in (left, right, left + right)]
    return f"**{parts[0]}** + **{parts[1]}** → **{parts[2]}** ({count:,} times)"
