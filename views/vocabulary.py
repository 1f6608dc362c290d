"""Token ids as a person reads them."""

from collections.abc import Sequence

import numpy as np
import torch

from core.pieces import Piece, byte_pieces
from core.tokenizer import BytePairTokenizer, Tokenizer


def likeliest(tokenizer: Tokenizer, probs: np.ndarray, count: int) -> tuple[np.ndarray, list[str]]:
    """Ids of the likeliest tokens, likeliest first, and their texts."""
    best = torch.from_numpy(probs).topk(min(count, len(probs))).indices.numpy()
    return best, [tokenizer.decode([int(token)]) for token in best]


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
    names = [tokenizer.decode([token]) for token in range(known)]
    if isinstance(tokenizer, BytePairTokenizer):
        raw = tokenizer.encoding.decode_single_token_bytes
        names = [f"<{raw(i).hex(' ')}>" if "\ufffd" in name else name for i, name in enumerate(names)]
    return names + [f"#{token}" for token in range(known, vocab_size)]
