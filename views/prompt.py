"""A person's text as a model reads it, with a sentence for everything that had to be changed."""

from dataclasses import dataclass

from core.numbers import NumberTokenizer
from core.pieces import Piece, without_surrogates
from core.tokenizer import UNKNOWN, CharTokenizer, Tokenizer, WordTokenizer
from views.phrases import count_of

MAX_CHARACTERS = 20_000  # on one screen


@dataclass(frozen=True)
class Prompt:
    """Text, its tokens as far as the model can read them, and notices for the person who wrote it."""

    text: str
    pieces: tuple[Piece, ...]
    notices: tuple[str, ...] = ()

    @property
    def ids(self) -> tuple[int, ...]:
        """The token ids that the model reads."""
        return tuple(piece.id for piece in self.pieces)


def clean_text(text: str) -> tuple[str, list[str]]:
    """The text as it can be encoded, cut at MAX_CHARACTERS, and what was changed."""
    notices = []
    if len(text) > MAX_CHARACTERS:
        notices.append(
            f"Your text has {count_of(len(text), 'character')}; the first {MAX_CHARACTERS:,} are used here."
        )
        text = text[:MAX_CHARACTERS]
    text = without_surrogates(text)
    if unreadable := text.count("\ufffd"):
        stand = "stands" if unreadable == 1 else "stand"
        notices.append(f"Half characters cannot be read: {unreadable} {stand} here as \ufffd (U+FFFD).")
    return text, notices


def read_prompt(text: str, tokenizer: Tokenizer, context_length: int, most: int | None = None) -> Prompt:
    """The last `context_length` tokens of a text, and sentences for what was left out.

    `most` is how many tokens of this model fit into the memory of one look, if that is less.
    """
    text, notices = clean_text(text)
    known = only_known(text, tokenizer)
    if known != text:
        notices.append(
            f"This model's tokenizer knows {tokenizer.vocab_size:,} {unit(tokenizer)}; what it does not know "
            "was left out."
        )
    pieces = tokenizer.pieces(known)
    if isinstance(tokenizer, WordTokenizer) and (new := {p.text for p in pieces} - tokenizer.ids.keys()):
        notices.append(f"This model does not know {', '.join(sorted(new)[:5])}: it reads {UNKNOWN} there.")
    longest = min(context_length, most or context_length)
    if len(pieces) > longest:
        why = (
            "this model reads at most" if longest == context_length else "a look into this model has room for"
        )
        notices.append(
            f"Your text has {len(pieces):,} tokens; {why} {longest}: the last {longest} are shown."
        )
    return Prompt(known, tuple(pieces[-longest:]), tuple(notices))


def only_known(text: str, tokenizer: Tokenizer) -> str:
    """The text without what a character or word tokenizer has never seen."""
    if isinstance(tokenizer, CharTokenizer):
        return "".join(character for character in text if character in tokenizer.ids)
    if isinstance(tokenizer, WordTokenizer) and not tokenizer.knows(text):
        return " ".join(word for word in tokenizer.split(text) if tokenizer.knows(word))
    return tokenizer.only_known(text) if isinstance(tokenizer, NumberTokenizer) else text


def unit(tokenizer: Tokenizer) -> str:
    """What the tokenizer's vocabulary is made of."""
    if isinstance(tokenizer, NumberTokenizer):
        return "numbers, from 0 on"
    return "characters" if isinstance(tokenizer, CharTokenizer) else "words"
