"""A table of vectors as a space: who is near whom, and how to flatten it to two dimensions (book 2.7)."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from core import wide
from core.gpt import GPTModel
from core.positions import rotate

NEAR = 2048  # rows that are multiplied at a time: of GPT-2's table 6 MB


def one_hot_product(table: Tensor, row: int) -> Tensor:
    """The long way to look up a row: a single 1 among zeros, times the whole table, (V,) @ (V, C) -> (C,).

    An embedding is this product, without the multiplications by zero (book 2.7).
    """
    one_hot = table.new_zeros(len(table))  # (V,)
    one_hot[row] = 1.0
    return one_hot @ table


def position_table(model: GPTModel) -> Tensor | None:
    """What the model adds at each position, (T, C); None if positions come in elsewhere, or nowhere."""
    if model.config.position not in ("learned", "sinusoidal"):
        return None
    positions = torch.arange(model.config.context_length, device=model.device)
    return model.position_vectors(positions).detach()


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
    """Flatten rows to the n directions in which they differ most: (V, C) -> (V, n), and variance shares."""
    directions, along, all_of_it = spread(table, n)
    points = table @ directions - table.mean(dim=0) @ directions
    return points, along / all_of_it.clamp(min=1e-30)


def principal_directions(table: Tensor, n: int) -> Tensor:
    """The n directions at right angles in which rows differ most, most first: (V, C) -> (C, n).

    Signs are fixed (the largest entry of each direction is positive), so that the map does not flip over.
    """
    return spread(table, n)[0]


def spread(table: Tensor, n: int) -> tuple[Tensor, Tensor, Tensor]:
    """The directions (C, n), the sum of squares along each (n,), and along all of them together ()."""
    products = scatter(table)
    squares, directions = torch.linalg.eigh(products)  # ascending
    squares, directions = squares[-n:].flip(0).clamp(min=0), directions[:, -n:].flip(1)
    largest = directions.gather(0, directions.abs().argmax(dim=0, keepdim=True))
    return directions * largest.sign(), squares, products.trace()


def scatter(table: Tensor) -> Tensor:
    """What any two columns have in common: the sum of (x - mean)(x - mean)^T over all rows x, (C, C).

    Some rows at a time, so that what is left of them without the mean stays near the processor.
    """
    mean, products = table.mean(dim=0), 0.0
    for rows in table.split(NEAR):
        centred = (rows - mean).T
        products = products + wide.linear(centred, centred)
    return products


def variance_shares(table: Tensor, directions: Tensor) -> Tensor:
    """How much of the rows' variance lies along each direction, 0 to 1: (V, C), (C, n) -> (n,)."""
    centred = table - table.mean(dim=0)
    along = (centred @ directions).square().sum(dim=0)
    return along / centred.square().sum().clamp(min=1e-30)


def cosine_map(table: Tensor) -> Tensor:
    """Cosine of every row with every other: (N, C) -> (N, N)."""
    unit = torch.nn.functional.normalize(table, dim=1)
    return unit @ unit.T


def plane_through(corner: Tensor, one: Tensor, other: Tensor) -> Tensor:
    """The flat sheet on which three vectors (C,) lie: (C, 2), the first direction from the corner to `one`.

    A direction is 0 where the three do not give it.
    """
    along = torch.nn.functional.normalize(one - corner, dim=0)
    across = (other - corner) - (other - corner) @ along * along
    if across.norm() < 1e-4 * (other - corner).norm():
        across = torch.zeros_like(across)  # nothing but rounding is left
    across = across - across @ along * along  # once more: where little is left, rounding leans it
    return torch.stack([along, torch.nn.functional.normalize(across, dim=0)], dim=1)


def turned_cosines(positions: Tensor, head_dim: int) -> Tensor:
    """How alike one vector is to itself after rotary positions have turned it: (T,) -> (T, T).

    Each pair of its numbers counts the same here; the cosine depends on the distance alone.
    """
    same = torch.ones(1, 1, len(positions), head_dim, device=positions.device)
    return cosine_map(rotate(same, positions)[0, 0])


def scores_by_distance(queries: Tensor, keys: Tensor, distances: Tensor) -> Tensor:
    """A head's mean score if every query stood so far behind every key: unturned (T, D) -> (distances,).

    A dot product is linear in both, so the mean over all pairs is the score of the two mean vectors.
    """
    query = queries.mean(dim=0).expand(1, 1, len(distances), -1)
    return rotate(query, distances)[0, 0] @ keys.mean(dim=0)


def arrow(angle: float, length: float) -> tuple[float, float]:
    """A vector of two numbers, from its direction in degrees and its length."""
    turned = math.radians(angle)
    return length * math.cos(turned), length * math.sin(turned)


def dot_product(a: Sequence[float], b: Sequence[float]) -> float:
    """Multiply number by number and add up: large if both point the same way, 0 at a right angle."""
    return sum(x * y for x, y in zip(a, b, strict=True))
