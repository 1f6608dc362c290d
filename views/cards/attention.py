"""Attention's questions: why divide by the root of the width."""

from dataclasses import replace

import numpy as np

from views import cache
from views.cards.card import Card, Outcome
from views.figures.pairs import paired_bars
from views.here import Here
from views.picture import palette

FELT = 0.02  # a share of 1: less is nothing to be seen


def scaled(here: Here) -> Outcome:
    """The largest weight of each row with more than one choice, by layer, with and without the division."""
    if len(here.prompt.ids) < 3:
        raise ValueError("The prompt needs at least 3 tokens, so that there is something to choose between.")
    if not here.config.scale_scores:
        raise ValueError("This model was trained without the division: choose another one on the left.")
    with_root, without = (largest_weights(here, scale) for scale in (True, False))
    one, other = float(with_root.mean()), float(without.mean())
    return Outcome(
        held=0 if other > one + FELT else 2 if other < one - FELT else 1,
        figure=paired_bars(
            [f"layer {layer}" for layer in range(len(with_root))],
            [100 * with_root, 100 * without],
            [f"÷ √{here.config.head_dim}", "not divided"],
            palette(),
            x="largest weight of a row, mean (%)",
        ),
        seen=f"The largest weight is {one:.0%} on average, and {other:.0%} without the division",
        numbers={
            "one": f"{one:.0%}",
            "other": f"{other:.0%}",
            "width": here.config.head_dim,
            "root": here.config.head_dim**0.5,
        },
    )


def largest_weights(here: Here, scale: bool) -> np.ndarray:
    """Mean over heads and over all rows but the first two of the largest weight: (L,)."""
    seen = cache.look_inside(replace(here.look, scale_scores=scale), here.prompt.ids)
    return seen.layers("attn.weights")[:, :, 2:].max(axis=-1).mean(axis=(1, 2))


CARDS = (Card("scale", 3, 0, scaled),)
