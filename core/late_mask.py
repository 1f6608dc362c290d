"""The future hidden too late: softmax first and then zeros, not minus infinity before it (book 3.5.1)."""

from torch import Tensor

from core.attention import future_mask


def softmax_then_zeros(scores: Tensor) -> Tensor:
    """Share the attention among all tokens, and then take away what went to later ones: (..., T, T).

    What was taken away is missing: a row sums to less than 1, the less the earlier its token stands.
    """
    weights = scores.softmax(dim=-1)
    return weights.masked_fill(future_mask(*scores.shape[-2:], device=scores.device), 0.0)


def rows_to_one(weights: Tensor) -> Tensor:
    """Divide each row by its sum. After zeros this is what minus infinity does at once (book 3.5.1)."""
    return weights / weights.sum(dim=-1, keepdim=True)
