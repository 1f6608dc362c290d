"""The same text through several tokenizers, and ids back to text."""

import re
from dataclasses import dataclass

from core.pieces import Piece
from core.tokenizer import BytePairTokenizer, Tokenizer, char_tokenizer, load_tokenizer
from views import cache
from views.here import Here

BOOK_TEXT = "ugly-duckling"  # whose words the word tokenizer knows: as long as the book's short story
MOST_IDS = 2000  # to decode at once


@dataclass(frozen=True)
class Encoded:
    """A text in one encoding: its pieces, or the sentence that says why there are none."""

    tokenizer: Tokenizer
    pieces: tuple[Piece, ...] = ()
    problem: str = ""


def encoded(tokenizer: Tokenizer, text: str, special: bool) -> Encoded:
    """The text's pieces, or the tokenizer's own complaint. Only byte pairs have a special token here."""
    options = {"special": special} if isinstance(tokenizer, BytePairTokenizer) else {}
    try:
        return Encoded(tokenizer, tuple(tokenizer.pieces(text, **options)))
    except ValueError as error:
        return Encoded(tokenizer, problem=str(error))


def all_encodings(here: Here, text: str, *, unknown: bool, special: bool) -> dict[str, Encoded]:
    """A text in every encoding that the Tokenizer page compares."""
    tokenizers = {
        "GPT-2": load_tokenizer("gpt2"),
        "this model's": here.tokenizer,
        "characters": char_tokenizer(text),
        "words": cache.words_of(BOOK_TEXT, unknown),
    }
    return {name: encoded(tokenizer, text, special) for name, tokenizer in tokenizers.items()}


def decoded(tokenizer: Tokenizer, written: str) -> str:
    """The text of token ids that a person wrote. ValueError, with the rule, for what is no id."""
    numbers = re.split(r"[\s,;]+", written.strip(" ,;[]"))
    if not all(re.fullmatch(r"-?\d{1,12}", number) for number in numbers):
        raise ValueError(
            f"token ids are whole numbers from 0 to {tokenizer.vocab_size - 1}, with spaces between"
        )
    return tokenizer.decode([int(number) for number in numbers[:MOST_IDS]])
