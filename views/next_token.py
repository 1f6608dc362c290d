"""The model's expectation of the next token."""

import numpy as np

from core.sampling import next_token_probs
from views import cache
from views.look import AS_TRAINED, Ids, Look, Sampling
from views.vocabulary import likeliest, pieces, text_of

__all__ = ["likeliest", "pieces", "probabilities", "text_of"]


def probabilities(look: Look, ids: Ids, settings: Sampling = AS_TRAINED) -> np.ndarray:
    """Probability of each token to come next: (V,)."""
    logits = cache.next_logits(look, ids)
    probs = next_token_probs(
        logits, temperature=settings.temperature, top_k=settings.top_k, top_p=settings.top_p
    )
    return probs.numpy()
