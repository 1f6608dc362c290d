"""What a head would be with one matrix for queries and keys: scores that are the same both ways."""

from torch import Tensor


def asymmetry(scores: Tensor) -> Tensor:
    """How much of the scores depends on who asks whom: (..., T, T) -> (...), from 0 to 1.

    Any table is a part that is the same both ways and one that turns its sign; this is the second's share of
    the sum of squares. 0: A heeds B as much as B heeds A.
    """
    turned = (scores - scores.transpose(-2, -1)) / 2
    whole = scores.square().sum(dim=(-2, -1))
    return turned.square().sum(dim=(-2, -1)) / whole.clamp(min=1e-30)


def finds_itself(scores: Tensor) -> Tensor:
    """Share of the tokens whose largest score, among all, is with themselves: (..., T, T) -> (...)."""
    best = scores.argmax(dim=-1)  # (..., T)
    itself = scores.diagonal(dim1=-2, dim2=-1)
    return (itself >= scores.gather(-1, best[..., None])[..., 0]).float().mean(dim=-1)
