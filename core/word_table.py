"""5,000 English words as vectors, from a model that has read the web: a space with neighbours and directions.

They are rows of SmolLM2's token table (assets/embeddings/NOTICE.txt), around their mean, in 256 directions.
"""

import json
import lzma
from dataclasses import dataclass
from functools import cache, cached_property

import safetensors.torch
import torch
from torch import Tensor

from core.embeddings import nearest
from core.tokenizer import ASSETS

FILE = ASSETS / "embeddings" / "smollm2-words.safetensors.xz"


@dataclass(frozen=True)
class WordTable:
    """Words and their vectors, float32 (N, C), row by row."""

    words: tuple[str, ...]
    vectors: Tensor

    @cached_property
    def rows(self) -> dict[str, int]:
        """The row of each word."""
        return {word: row for row, word in enumerate(self.words)}

    @cached_property
    def without_first(self) -> "WordTable":
        """The same words without direction 1: it tells frequency, and brings *and* and *of* near everything.

        (Mu and Viswanath 2018: all but the top.)
        """
        return WordTable(self.words, self.vectors[:, 1:].contiguous())

    @cached_property
    def first_is_frequency(self) -> float:
        """How far direction 1 orders the words as the table does, which is by frequency: 0 to 1."""
        places = self.vectors[:, 0].argsort().argsort().float()
        return abs(float(torch.corrcoef(torch.stack([places, torch.arange(len(places)).float()]))[0, 1]))

    def row(self, word: str) -> int:
        """The row of a word, whose case is forgiven. ValueError for a word that the table lacks."""
        word = word.strip()
        for written in (word, word.lower(), word.capitalize()):
            if written in self.rows:
                return self.rows[written]
        raise ValueError(f"{word!r} is not among the {len(self.words):,} words of this table: try another")

    def nearest(self, word: str, k: int = 12, *, by: str = "cosine") -> list[tuple[str, float]]:
        """The k words nearest to a word, nearest first, with the cosine or minus the distance."""
        row = self.row(word)
        return self.named(nearest(self.vectors, self.vectors[row], k, by=by, leave_out=(row,)))

    def analogy(self, a: str, b: str, c: str, k: int = 12, *, by: str = "cosine") -> list[tuple[str, float]]:
        """The k words nearest to a - b + c, nearest first: king - man + woman. The three are left out.

        They have to be: the sum is mostly `a` again, so without this rule the answer would often be `a`.
        """
        start, less, more = (self.row(word) for word in (a, b, c))
        target = self.vectors[start] - self.vectors[less] + self.vectors[more]  # (C,)
        left_out = tuple({start, less, more})
        return self.named(nearest(self.vectors, target, k, by=by, leave_out=left_out))

    def named(self, found: list[tuple[int, float]]) -> list[tuple[str, float]]:
        """Rows as words."""
        return [(self.words[row], score) for row, score in found]


@cache
def load_word_table() -> WordTable:
    """The table that ships: 5,000 words in 256 numbers each, kept as whole numbers with one scale a row."""
    raw = lzma.decompress(FILE.read_bytes())
    parts = safetensors.torch.load(raw)
    header = json.loads(raw[8 : 8 + int.from_bytes(raw[:8], "little")])
    words = tuple(json.loads(header["__metadata__"]["words"]))
    return WordTable(words, parts["vectors"].to(torch.float32) * parts["scales"][:, None])
