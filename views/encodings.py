"""The same text through several tokenizers."""

from dataclasses import dataclass

from core.pieces import Piece
from core.tokenizer import Tokenizer, char_tokenizer, load_tokenizer
from views import cache
from views.here import Here
from views.prompt import clean_text

BOOK_TEXT = "ugly-duckling"  # whose words the word tokenizer knows: as long as the book's short story


@dataclass(frozen=True)
class Encoded:
    """A text in one encoding: its pieces, or the sentence that says why there are none."""

    name: str
    vocab_size: int
    pieces: tuple[Piece, ...] = ()
    problem: str = ""


def encoded(name: str, tokenizer: Tokenizer, text: str) -> Encoded:
    """The text's pieces, or the tokenizer's own complaint."""
    try:
        return Encoded(name, tokenizer.vocab_size, tuple(tokenizer.pieces(text)))
    except ValueError as error:
        return Encoded(name, tokenizer.vocab_size, problem=str(error))


def all_encodings(here: Here, text: str, unknown: bool) -> dict[str, Encoded]:
    """A text in every encoding that the Tokenizer page compares."""
    text, _ = clean_text(text)
    tokenizers = {
        "GPT-2": load_tokenizer("gpt2"),
        "this model's": here.tokenizer,
        "characters": char_tokenizer(text),
        "words": cache.words_of(BOOK_TEXT, unknown),
    }
    return {name: encoded(name, tokenizer, text) for name, tokenizer in tokenizers.items()}
