"""How a classifier reads a text: as so many tokens, filled up with padding, and one of them is read."""

from collections.abc import Sequence

from core.labelled import Padded, pad
from core.pieces import Piece
from core.tokenizer import Tokenizer
from runs.classifying import pad_id
from views.phrases import count_of
from views.prompt import only_known
from views.vocabulary import pieces

PADDING = "▢"  # how a token of padding is written


def ids_of(text: str, tokenizer: Tokenizer) -> tuple[list[int], int]:
    """A text as ids, of what the tokenizer knows, and the id of padding; of no text padding alone is left."""
    filler = pad_id(tokenizer)
    return list(tokenizer.encode(only_known(text, tokenizer))) or [filler], filler


def encode(texts: Sequence[str], tokenizer: Tokenizer, length: int) -> Padded:
    """Texts as the classifier reads them."""
    filler = pad_id(tokenizer)
    return pad([ids_of(text, tokenizer)[0] for text in texts], filler, length)


def read_at(tokens: int, length: int, read: str) -> int | None:
    """The place of the token that the answer is read from, in a text of so many tokens; None for all."""
    return {"first": 0, "last": length - 1, "last_real": min(tokens, length) - 1}.get(read)


def padded_pieces(text: str, tokenizer: Tokenizer, length: int) -> tuple[list[Piece], int]:
    """A text's tokens and its padding, to be shown, and how many tokens the whole text has."""
    ids, filler = ids_of(text, tokenizer)
    shown = pieces(tokenizer, ids[:length])
    end = shown[-1].end if shown else 0
    return [*shown, *[Piece(filler, b"", PADDING, end, end)] * (length - len(shown))], len(ids)


def reading_sentence(tokens: int, length: int, read: str, framed: str = "") -> str:
    """What is read of a text of so many tokens, and what that token has seen."""
    padding = f" and {length - tokens} of padding (▢)" if length > tokens else ""
    cut = (
        f": the last {tokens - length} {'is' if tokens - length == 1 else 'are'} cut off"
        if tokens > length
        else ""
    )
    parts = f"{count_of(tokens, 'token')} of text{padding}{cut}"
    place = read_at(tokens, length, read)
    if place is None:
        return f"{parts}. The answer is read from the mean of the text's tokens."
    kind = "a token of padding" if place >= tokens else f"token {place} of the text"
    seen = place + 1
    what = "itself alone" if seen == 1 else f"itself and the {seen - 1} before it"
    return f"{parts}. The answer is read from {kind}{framed}: it has seen {what}."
