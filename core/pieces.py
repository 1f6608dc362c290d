"""A token as a person sees it: its id, its bytes, and its place in the text."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

# A first half without its second, or a second without its first; the two together are one whole character.
LONE_SURROGATE = re.compile("[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]")


class Piece(NamedTuple):
    """One token of a text; text[start:end] are the characters that its bytes touch."""

    id: int
    bytes: bytes
    text: str  # U+FFFD where the bytes are only part of a character
    start: int  # in characters
    end: int


def byte_pieces(text: str, ids: Sequence[int], tokens: Sequence[bytes]) -> list[Piece]:
    """Put each token's bytes back to the characters of the text that they came from."""
    char_starts = [0, *accumulate(len(character.encode()) for character in text)]  # in bytes
    pieces, at = [], 0
    for token_id, token in zip(ids, tokens, strict=True):
        first = bisect_right(char_starts, at) - 1
        last = bisect_right(char_starts, at + len(token) - 1)
        pieces.append(Piece(token_id, token, token.decode("utf-8", "replace"), first, last))
        at += len(token)
    return pieces


def without_surrogates(text: str) -> str:
    """The text with each lone surrogate, which is half a character, replaced by U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
