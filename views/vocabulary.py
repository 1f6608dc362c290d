"""Token ids as a person reads them."""

from collections.abc import Sequence

import numpy as np
import torch

from core.pieces import Piece, byte_pieces
from core.tokenizer import BytePairTokenizer, CharTokenizer, Tokenizer
from core.tokenizer_file import LibraryTokenizer


def likeliest(tokenizer: Tokenizer, probs: np.ndarray, count: int) -> tuple[np.ndarray, list[str]]:
    """Ids of the likeliest tokens, likeliest first, and their texts."""
    best = torch.from_numpy(probs).topk(min(count, len(probs))).indices.numpy()
    return best, token_texts(tokenizer, best.tolist())


def token_texts(tokenizer: Tokenizer, ids: Sequence[int]) -> list[str]:
    """The text of each token; the bytes, in hex, of a part of a character; #id where an id has no token."""
    return [token_text(tokenizer, token) for token in ids]


def token_text(tokenizer: Tokenizer, token: int) -> str:
    """One token as a person reads it. A table may have more rows than its vocabulary has tokens."""
    try:
        text = tokenizer.decode([token])
    except ValueError:
        return f"#{token}"
    if "\ufffd" in text and of_bytes(tokenizer):
        return f"<{token_bytes(tokenizer, token).hex(' ')}>"
    return text


def of_bytes(tokenizer: Tokenizer) -> bool:
    """Whether each token stands for bytes of its own, which are joined to make a text."""
    return isinstance(tokenizer, BytePairTokenizer) or bool(getattr(tokenizer, "signs", None))


def token_bytes(tokenizer: BytePairTokenizer | LibraryTokenizer, token: int) -> bytes:
    """The bytes of a token; #id where an id has none."""
    try:
        if isinstance(tokenizer, LibraryTokenizer):
            return tokenizer.token_bytes(token)
        return tokenizer.encoding.decode_single_token_bytes(token)
    except (KeyError, ValueError):
        return f"#{token}".encode()


def text_of(tokenizer: Tokenizer, ids: Sequence[int]) -> str:
    """What a model wrote, as text that goes on after the prompt; ids without a token stay visible."""
    if of_bytes(tokenizer):
        return b"".join(token_bytes(tokenizer, token) for token in ids).decode("utf-8", "replace")
    between = "" if isinstance(tokenizer, CharTokenizer) else " "
    try:
        return between + tokenizer.decode(ids)
    except ValueError:
        return between + between.join(token_texts(tokenizer, ids))


def piece_name(piece: Piece) -> str:
    """The text of one token of the prompt; its bytes, in hex, if it is a part of a character."""
    return f"<{piece.bytes.hex(' ')}>" if "\ufffd" in piece.text else piece.text


def pieces(tokenizer: Tokenizer, ids: Sequence[int]) -> list[Piece]:
    """Tokens that a model wrote, as chips: half a character at the end stays visible as its bytes."""
    if of_bytes(tokenizer):
        tokens = [token_bytes(tokenizer, token) for token in ids]
        return byte_pieces(text_of(tokenizer, ids), ids, tokens)
    texts = token_texts(tokenizer, ids)
    return [Piece(token, text.encode(), text, 0, 0) for token, text in zip(ids, texts, strict=True)]


def row_names(tokenizer: Tokenizer, vocab_size: int) -> list[str]:
    """The text of each row of a token table; the bytes, in hex, of a part of a character."""
    return token_texts(tokenizer, range(vocab_size))
