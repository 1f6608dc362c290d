"""The bend's question: why GELU."""

from collections.abc import Sequence

import numpy as np
import torch

from core.activations import Function, slope
from core.layers import gelu, relu
from views import cache
from views.cards.card import Card, Outcome, TrainingCard, need
from views.cards.courses import finite
from views.course import Course
from views.figures.pairs import paired_bars
from views.here import Here
from views.picture import palette
from views.text import percent

MANY = 0.25  # of all numbers: so many dead slopes are many
FEW = 0.01  # fewer are as good as none
CLEARLY = 0.1  # nats: a difference that another seed would not make


def dead_slopes(here: Here) -> Outcome:
    """How many of a block's hidden numbers let no gradient pass, under ReLU and under GELU, by block."""
    need(here, 1, "so that there are numbers to bend")
    hidden = cache.look_inside(here.look, here.prompt.ids).layers("ffn.hidden")  # (L, T, U)
    below = [share_of_zero(relu, hidden), share_of_zero(gelu, hidden)]
    means = [float(one.mean()) for one in below]
    return Outcome(
        held=1 if means[0] > MANY and means[1] < FEW else 2 if means[1] > MANY else 0,
        figure=paired_bars(
            [f"layer {layer}" for layer in range(len(hidden))],
            [100 * one for one in below],
            ["ReLU", "GELU"],
            palette(),
            x="numbers whose slope is exactly 0 (%)",
        ),
        seen=f"Exactly 0 is the slope of {means[0]:.0%} under ReLU, and of {means[1]:.1%} under GELU",
        numbers={
            "relu": percent(means[0]),
            "gelu": percent(means[1]),
            "size": size_below(hidden),
            "count": hidden[0].size,
        },
    )


def share_of_zero(function: Function, hidden: np.ndarray) -> np.ndarray:
    """Share of numbers with a slope of exactly 0 in each block: (L, T, U) -> (L,)."""
    return (slope(function, torch.tensor(hidden)) == 0).float().mean(dim=(1, 2)).numpy()


def size_below(hidden: np.ndarray) -> float:
    """Mean size of GELU's slope at the numbers below 0; 0 if there are none."""
    below = torch.tensor(hidden[hidden < 0])
    return float(slope(gelu, below).abs().mean()) if len(below) else 0.0


def bend(courses: Sequence[Course]) -> Outcome:
    """Whose validation loss ends lower: GELU's or ReLU's."""
    gelu_loss, relu_loss = finite(courses)
    return Outcome(
        held=0 if gelu_loss < relu_loss - CLEARLY else 1 if relu_loss < gelu_loss - CLEARLY else 2,
        seen=f"With GELU the loss ends at {gelu_loss:.3f} nats, with ReLU at {relu_loss:.3f}",
        numbers={
            "gelu": f"{gelu_loss:.3f}",
            "relu": f"{relu_loss:.3f}",
            "gap": f"{abs(gelu_loss - relu_loss):.3f}",
        },
    )


CARDS = (
    Card("dead_slopes", 12, 1, dead_slopes),
    TrainingCard("bend", 12, 2, "gelu_or_relu", bend),
)
