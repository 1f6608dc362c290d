"""A table of vectors as a space: who is near whom, and how to flatten it to two dimensions (book 2.7)."""

import torch
from torch import Tensor

from core.gpt import GPTModel


def one_hot_product(table: Tensor, row: int) -> Tensor:
    """The long way to look up a row: a single 1 among zeros, times the whole table, (V,) @ (V, C) -> (C,).

    An embedding is this product, without the multiplications by zero (book 2.7).
    """
    one_hot = torch.zeros(len(table), dtype=table.dtype)  # (V,)
    one_hot[row] = 1.0
    return one_hot @ table


def position_table(model: GPTModel) -> Tensor | None:
    """What the model adds at each position, (T, C); None if positions come in elsewhere, or nowhere."""
    if model.config.position not in ("learned", "sinusoidal"):
        return None
    return model.position_vectors(torch.arange(model.config.context_length)).detach()


def swapped(ids: tuple[int, ...], first: int, second: int) -> tuple[int, ...]:
    """The same tokens with two of them in each other's place."""
    changed = list(ids)
    changed[first], changed[second] = changed[second], changed[first]
    return tuple(changed)


def similarities(table: Tensor, vector: Tensor, by: str = "cosine") -> Tensor:
    """How near each row is to a vector, larger is nearer: (V, C), (C,) -> (V,).

    Cosine compares directions (1 = same, 0 = unrelated); euclid is minus the distance.
    """
    if by == "euclid":
        return -(table - vector).norm(dim=1)
    return torch.cosine_similarity(table, vector[None], dim=1)


def nearest(
    table: Tensor, vector: Tensor, k: int, *, by: str = "cosine", leave_out: tuple[int, ...] = ()
) -> list[tuple[int, float]]:
    """The k rows nearest to a vector with their similarity, nearest first."""
    scores = similarities(table, vector, by)
    scores[list(leave_out)] = -torch.inf
    best = scores.topk(min(k, len(table) - len(leave_out)))
    return list(zip(best.indices.tolist(), best.values.tolist(), strict=True))


def principal_components(table: Tensor, n: int) -> tuple[Tensor, Tensor]:
    """Flatten rows to the n directions in which they differ most: (V, C) -> (V, n), and variance shares.

    Signs are fixed (the largest entry of each direction is positive), so that the map does not flip over.
    """
    centred = table - table.mean(dim=0)
    variances, directions = torch.linalg.eigh(centred.T @ centred)  # ascending
    directions = directions[:, -n:].flip(1)  # (C, n)
    largest = directions.gather(0, directions.abs().argmax(dim=0, keepdim=True))
    shares = variances.clamp(min=0).flip(0)
    return centred @ (directions * largest.sign()), shares[:n] / shares.sum().clamp(min=1e-30)


def cosine_map(table: Tensor) -> Tensor:
    """Cosine of every row with every other: (N, C) -> (N, N)."""
    unit = torch.nn.functional.normalize(table, dim=1)
    return unit @ unit.T
