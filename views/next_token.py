"""The model's expectation of the next token, as arrays and names."""

from collections.abc import Sequence

import numpy as np
import torch

from core.pieces import Piece, byte_pieces
from core.sampling import next_token_probs
from core.tokenizer import BytePairTokenizer, Tokenizer
from views import cache
from views.cache import Ids, Look, Sampling


def probabilities(look: Look, ids: Ids, settings: Sampling = Sampling()) -> np.ndarray:
    """Probability of each token to come next: (V,)."""
    logits = cache.next_logits(look, ids)
    probs = next_token_probs(
        logits, temperature=settings.temperature, top_k=settings.top_k, top_p=settings.top_p
    )
    return probs.numpy()


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
