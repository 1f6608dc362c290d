"""The same text through several tokenizers, and ids back to text."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from core.library import languages
from core.pieces import Piece
from core.tokenizer import BytePairTokenizer, Tokenizer, char_tokenizer, load_tokenizer
from views import cache
from views.here import Here
from views.phrases import phrase

BOOK_TEXT = "ugly-duckling"  # whose words the word tokenizer knows: as long as the book's short story
MOST_IDS = 2000  # to decode at once
LARGE = {"GPT-4": "cl100k_base", "GPT-4o": "o200k_base"}  # a second or two to build, once a process
NAMES = ("GPT-2", *LARGE, "this model's", "characters", "words")


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


def all_encodings(
    here: Here, text: str, *, unknown: bool, special: bool, large: Collection[str] = ()
) -> dict[str, Encoded]:
    """A text in every encoding that the Tokenizer page compares; of the large ones those asked for."""
    tokenizers = {
        "GPT-2": load_tokenizer("gpt2"),
        **{name: load_tokenizer(LARGE[name]) for name in LARGE if name in large},
        "this model's": here.tokenizer,
        "characters": char_tokenizer(text),
        "words": cache.words_of(BOOK_TEXT, unknown),
    }
    return {name: encoded(tokenizer, text, special) for name, tokenizer in tokenizers.items()}


def in_each(counts: Mapping[str, int]) -> str:
    """What the text costs in each encoding, in words."""
    told = [f"{name} {count:,}" if count else f"{name} refuse" for name, count in counts.items()]
    return f"Tokens of the text: {', '.join(told)}"


def tokens_per_character(found: Mapping[str, Encoded]) -> dict[str, list[float | None]]:
    """For each encoding, what the sentence in each language costs; None where it is refused."""
    return {
        name: [cost(one.tokenizer, sentence) for sentence in languages().values()]
        for name, one in found.items()
        if name != "characters"  # which cost one each
    }


def in_words(costs: Mapping[str, list[float | None]]) -> tuple[str, str]:
    """What the chart of languages shows, and how to read it."""
    names = list(languages())
    pairs = [(name, [f"{names[i]} {row[i]:.2f}" for i in (0, 4) if row[i]]) for name, row in costs.items()]
    alt = "Tokens per character. " + "; ".join(f"{name}: {', '.join(values)}" for name, values in pairs)
    refused = costs["words"].count(None)
    caption = phrase("tokenizer", "chart")
    if refused:
        caption += " " + phrase("tokenizer", "refuses", refused=refused, all=len(names))
    return alt, caption


def cost(tokenizer: Tokenizer, text: str) -> float | None:
    """Tokens per character; None for a text that the tokenizer refuses."""
    count = len(encoded(tokenizer, text, special=False).pieces)
    return count / len(text) if count else None


def decoded(tokenizer: Tokenizer, written: str) -> str:
    """The text of token ids that a person wrote. ValueError, with the rule, for what is no id."""
    numbers = re.split(r"[\s,;]+", written.strip(" ,;[]"))
    if not all(re.fullmatch(r"-?\d{1,12}", number) for number in numbers):
        raise ValueError(
            f"token ids are whole numbers from 0 to {tokenizer.vocab_size - 1}, with spaces between"
        )
    return tokenizer.decode([int(number) for number in numbers[:MOST_IDS]])
