"""What an activation function does to numbers: its slope, its lowest point, the units it puts to rest."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

Function = Callable[[Tensor], Tensor]


def slope(function: Function, x: Tensor) -> Tensor:
    """The derivative at each number, by the machinery that trains the model: any shape, kept.

    Each output depends on its own input alone, so the gradient of the sum holds all derivatives at once.
    """
    x = x.clone().requires_grad_()
    with torch.enable_grad():
        total = function(x).sum()
    return torch.autograd.grad(total, x)[0]


def value_and_slope(function: Function, x: float) -> tuple[float, float]:
    """A function's value and its derivative at one number."""
    point = torch.tensor([x], dtype=torch.float32)  # also for a whole number
    return function(point).item(), slope(function, point).item()


def lowest_point(function: Function, low: float = -3.0, high: float = 0.0) -> tuple[float, float]:
    """Where a smooth function turns from falling to rising between low and high: (x, value).

    Halve the interval 60 times, keeping the half in which the slope changes its sign.
    """
    edges = torch.tensor([low, high], dtype=torch.float64)
    for _ in range(60):
        middle = edges.mean()
        edges[0 if slope(function, middle) < 0 else 1] = middle
    return edges[0].item(), function(edges[0]).item()


def largest_gap(first: Function, second: Function, reach: float = 6.0) -> float:
    """The largest difference between two functions from -reach to reach, at 24,001 points."""
    x = torch.linspace(-reach, reach, 24_001, dtype=torch.float64)
    return (first(x) - second(x)).abs().max().item()


class UnitFacts(NamedTuple):
    """What one layer's hidden units do with a text."""

    below: float  # share of all values below 0, from 0 to 1
    resting: int  # units below 0 for every token: ReLU would give 0 and pass no gradient
    units: int
    resting_slope: float  # mean size of the derivative in those units; 0 if there are none


def unit_facts(hidden: Tensor, function: Function) -> UnitFacts:
    """Count the units that rest through a whole text, and how much gradient a function still passes there.

    hidden: (T, U), the numbers before the activation.
    """
    resting = (hidden < 0).all(dim=0)  # (U,)
    slopes = slope(function, hidden[:, resting]).abs()  # (T, resting units)
    passed = slopes.mean().item() if slopes.numel() else 0.0
    return UnitFacts((hidden < 0).float().mean().item(), int(resting.sum()), hidden.shape[1], passed)


def liveliest(hidden: Tensor, k: int) -> Tensor:
    """The k units whose values differ most from token to token, the most varied first: (T, U) -> (k,).

    With one token there is no difference: then the units with the largest values.
    """
    spread = hidden.var(dim=0, unbiased=False) if len(hidden) > 1 else hidden[0].abs()
    return spread.topk(min(k, hidden.shape[1])).indices
