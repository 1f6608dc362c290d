"""Attention by hand: the book's six words, three numbers each, and every step on the way (book 3.3-3.6)."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from core.attention import mask_future, scale_scores
from core.dropout import drop
from core.linear import UniformLinear

WORDS = ("Your", "journey", "starts", "with", "one", "step")
INPUTS = torch.tensor(
    [
        [0.43, 0.15, 0.89],
        [0.55, 0.87, 0.66],
        [0.57, 0.85, 0.64],
        [0.22, 0.58, 0.33],
        [0.77, 0.25, 0.10],
        [0.05, 0.80, 0.55],
    ]
)
WIDTH = 2  # of a query, key or value in the book's example


class Projections(NamedTuple):
    """What makes a query, a key and a value of a word: matrices (C, D)."""

    query: Tensor
    key: Tensor
    value: Tensor


class Steps(NamedTuple):
    """Attention step by step; the rows of all but keys and values are queries."""

    queries: Tensor  # (Tq, D)
    keys: Tensor  # (Tk, D)
    values: Tensor  # (Tk, D)
    scores: Tensor  # (Tq, Tk), every query's dot product with every key
    scaled: Tensor  # divided by sqrt(D)
    masked: Tensor  # minus infinity where a key comes after its query
    weights: Tensor  # softmax of a row: it sums to 1
    dropped: Tensor  # after dropout
    context: Tensor  # (Tq, D), the values, mixed by the weights


def attend(
    x: Tensor,
    projections: Projections | None = None,
    *,
    other: Tensor | None = None,
    causal: bool = False,
    drop_rate: float = 0.0,
    seed: int = 123,
) -> Steps:
    """One attention head: x (Tq, C) asks, and `other` (Tk, C) answers; x itself, if there is no other.

    Without projections a word is its own query, key and value, and nothing is scaled (book 3.3).
    """
    other = x if other is None else other
    projected = projections is not None
    queries = x @ projections.query if projected else x  # (Tq, D)
    keys = other @ projections.key if projected else other  # (Tk, D)
    values = other @ projections.value if projected else other  # (Tk, D)
    scores = queries @ keys.T  # (Tq, Tk)
    scaled = scale_scores(scores, keys.shape[-1]) if projected else scores
    masked = mask_future(scaled) if causal else scaled
    weights = masked.softmax(dim=-1)
    dropped = drop(weights, drop_rate, seed)
    return Steps(queries, keys, values, scores, scaled, masked, weights, dropped, dropped @ values)


def even_projections(seed: int = 123) -> Projections:
    """Matrices of random numbers between 0 and 1, as in the book's first class with weights (3.4.1)."""
    generator = torch.Generator().manual_seed(seed)
    return Projections(*(torch.rand(INPUTS.shape[1], WIDTH, generator=generator) for _ in range(3)))


def linear_projections(seed: int, heads: int = 1) -> list[Projections]:
    """The starting weights of `nn.Linear`, for each of some heads in turn (book 3.4.2, and 3.6.1)."""
    generator = torch.Generator().manual_seed(seed)
    layers = [UniformLinear(INPUTS.shape[1], WIDTH, False, generator=generator) for _ in range(3 * heads)]
    drawn = [layer.weight.detach().T for layer in layers]
    return [Projections(*drawn[3 * head : 3 * head + 3]) for head in range(heads)]


def side_by_side(x: Tensor, heads: Sequence[Projections]) -> Tensor:
    """Several causal heads, each with its own weights, answers joined: (T, C) -> (T, H D) (book 3.6.1)."""
    return torch.cat([attend(x, projections, causal=True).context for projections in heads], dim=-1)


def who_hears(x: Tensor, place: int, projections: Projections, *, causal: bool) -> list[int]:
    """Which context vectors move when the word at one place is taken out: x (T, C) -> their places."""
    changed = x.clone()
    changed[place] = 0.0
    before, after = (attend(one, projections, causal=causal).context for one in (x, changed))
    return (before != after).any(dim=1).nonzero().flatten().tolist()


class Split(NamedTuple):
    """One wide projection, cut into heads; the answers joined and projected once more."""

    heads: list[Projections]  # (C, D / H) each
    joined: Tensor  # (T, D)
    out_weight: Tensor  # (D, D): a column makes a number of the output
    out_bias: Tensor  # (D,)
    out: Tensor  # (T, D)


def split_heads(x: Tensor, heads: int = 2, seed: int = 123) -> Split:
    """The book's `MultiHeadAttention` (3.6.2): `side_by_side`, where each head takes a slice of the width."""
    generator = torch.Generator().manual_seed(seed)
    layers = [UniformLinear(x.shape[1], WIDTH, False, generator=generator) for _ in range(3)]
    last = UniformLinear(WIDTH, WIDTH, generator=generator)
    wide = Projections(*(layer.weight.detach().T for layer in layers))
    sliced = [Projections(*cut) for cut in zip(*(W.chunk(heads, dim=1) for W in wide), strict=True)]
    joined = side_by_side(x, sliced)
    weight, bias = last.weight.detach().T, last.bias.detach()
    return Split(sliced, joined, weight, bias, joined @ weight + bias)
