"""Token ids as a person reads them."""

from collections.abc import Sequence

import numpy as np
import torch

from core.pieces import Piece, byte_pieces
from core.tokenizer import BytePairTokenizer, Tokenizer


def likeliest(tokenizer: Tokenizer, probs: np.ndarray, count: int) -> tuple[np.ndarray, list[str]]:
    """Ids of the likeliest tokens, likeliest first, and their texts."""
    best = torch.from_numpy(probs).topk(min(count, len(probs))).indices.numpy()
    return best, token_texts(tokenizer, best.tolist())


def token_texts(tokenizer: Tokenizer, ids: Sequence[int]) -> list[str]:
    """The text of each token; the bytes, in hex, of a part of a character."""
    texts = [tokenizer.decode([token]) for token in ids]
    if not isinstance(tokenizer, BytePairTokenizer):
        return texts
    raw = tokenizer.encoding.decode_single_token_bytes
    return [f"<{raw(i).hex(' ')}>" if "\ufffd" in text else text for i, text in zip(ids, texts, strict=True)]


def piece_name(piece: Piece) -> str:
    """The text of one token of the prompt; its bytes, in hex, if it is a part of a character."""
    return f"<{piece.bytes.hex(' ')}>" if "\ufffd" in piece.text else piece.text


def pieces(tokenizer: Tokenizer, ids: Sequence[int]) -> list[Piece]:
    """Tokens that a model wrote, as chips: half a character at the end stays visible as its bytes."""
    if isinstance(tokenizer, BytePairTokenizer):
        tokens = [tokenizer.encoding.decode_single_token_bytes(token) for token in ids]
        return byte_pieces(tokenizer.decode(ids), ids, tokens)
    texts = [tokenizer.decode([token]) for token in ids]
    return [Piece(token, text.encode(), text, 0, 0) for token, text in zip(ids, texts, strict=True)]


def row_names(tokenizer: Tokenizer, vocab_size: int) -> list[str]:
    """The text of each row of a token table; the bytes, in hex, of a part of a character."""
    known = min(tokenizer.vocab_size, vocab_size)
    return token_texts(tokenizer, range(known)) + [f"#{token}" for token in range(known, vocab_size)]
