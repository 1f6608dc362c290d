"""Token ids as their own text, `17 4 255`: for a model whose vocabulary nobody has at hand."""

import re
from collections.abc import Iterable

from core.pieces import Piece
from core.tokenizer import checked_ids


class NumberTokenizer:
    """One token a number. It knows nothing of language, and yet everything in the model can be seen."""

    name = "numbers"
    WORD = re.compile(r"[^\s,;]+")
    NUMBER = re.compile(r"[0-9]{1,9}")

    def __init__(self, vocab_size: int) -> None:
        self.vocab_size = vocab_size

    def encode(self, text: str, special: bool = False) -> list[int]:
        """The numbers of a text. ValueError for a word that is none, or no id."""
        return [piece.id for piece in self.pieces(text)]

    def decode(self, ids: Iterable[int]) -> str:
        """The ids with spaces between."""
        return " ".join(map(str, checked_ids(ids, self.vocab_size)))

    def pieces(self, text: str) -> list[Piece]:
        """Each number with its place; spaces, commas and semicolons belong to none."""
        found = list(self.WORD.finditer(text))
        strangers = [word[0] for word in found if not self.knows(word[0])]
        if strangers:
            raise ValueError(
                f"this model's tokens are written as their ids, from 0 to {self.vocab_size - 1}, with spaces "
                f"between: {strangers[0][:20]!r} is none"
            )
        return [Piece(int(w[0]), w[0].encode(), w[0], w.start(), w.end()) for w in found]

    def knows(self, word: str) -> bool:
        """Whether a word is one of the ids."""
        return self.NUMBER.fullmatch(word) is not None and int(word) < self.vocab_size

    def only_known(self, text: str) -> str:
        """The ids that a text holds, without all else; the text itself if it holds nothing else."""
        words = self.WORD.findall(text)
        known = [word for word in words if self.knows(word)]
        return text if len(known) == len(words) else " ".join(known)
