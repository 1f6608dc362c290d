"""Attention's questions: the root of the width, minus infinity, three matrices, dropout."""

from dataclasses import replace

import numpy as np
import torch

from core.attention import mask_future
from core.dropout import kept_sums, running_mean
from core.late_mask import rows_to_one, softmax_then_zeros
from core.one_matrix import asymmetry, finds_itself
from views import cache
from views.cards.card import Card, Outcome, need
from views.figures.base import visible
from views.figures.pairs import paired_bars, paired_lines
from views.here import Here
from views.picture import palette
from views.text import percent
from views.vocabulary import piece_name

FELT = 0.02  # a share of 1: less is nothing to be seen
ROUNDING = 1e-4  # of numbers near 1 in single precision: what is nearer was computed to be the same
RATE, DRAWS = 0.5, 2000  # the book drops half; the mean of so many draws is near its limit
EVERY = 40  # of the draws is drawn
NEAR = 0.1  # of a sum of 1: what the mean of so many draws may be off


def scaled(here: Here) -> Outcome:
    """The largest weight of each row with more than one choice, by layer, with and without the division."""
    need(here, 3, "so that there is something to choose between")
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


def hidden_late(here: Here) -> Outcome:
    """What each row sums to if the future is hidden by minus infinity, or by zeros after softmax."""
    need(here, 2, "so that there is a future to hide")
    scores = stage(here, "scaled")
    early, late = mask_future(scores).softmax(dim=-1), softmax_then_zeros(scores)
    sums = [weights.sum(dim=-1).numpy() for weights in (early, late)]
    repaired = float((rows_to_one(late) - early).abs().max())
    return Outcome(
        held=1 if sums[1].min() < 1 - FELT else 0,
        figure=paired_lines(
            np.arange(len(sums[0])),
            [100 * row for row in sums],
            ["−∞ before softmax", "0 after softmax"],
            palette(),
            x="token that asks",
            y="sum of its row (%)",
            names=token_names(here),
        ),
        seen=f"With zeros after softmax the rows sum to {sums[1].min():.0%} to {sums[1].max():.0%}, "
        "with minus infinity before it each to 100%",
        numbers={
            "first": percent(float(sums[1][0])),
            "mean": percent(float(sums[1].mean())),
            "repaired": repaired,
            "layer": here.layer,
            "head": here.head,
        },
    )


def token_names(here: Here) -> list[str]:
    """The prompt's tokens, for an axis."""
    return [visible(piece_name(piece)) for piece in here.prompt.pieces]


def stage(here: Here, name: str) -> torch.Tensor:
    """One stage of the chosen head."""
    seen = cache.look_at_layer(here.look, here.prompt.ids, here.layer)
    return torch.tensor(seen.head(name, here.layer, here.head))


def one_matrix(here: Here) -> Outcome:
    """How much of a layer's scores depends on who asks whom; with the queries as keys nothing does."""
    need(here, 2, "so that one can look at another")
    seen = cache.look_at_layer(here.look, here.prompt.ids, here.layer)
    queries, scores = (
        torch.tensor(seen[f"blocks.{here.layer}.attn.{name}"]) for name in ("queries", "scores")
    )
    shared = queries @ queries.transpose(-2, -1)  # (H, T, T)
    own, same = asymmetry(scores).numpy(), asymmetry(shared).numpy()
    itself, itself_same = float(finds_itself(scores).mean()), float(finds_itself(shared).mean())
    return Outcome(
        held=1 if own.mean() > FELT > ROUNDING > same.max() else 0,
        figure=paired_bars(
            [f"head {head}" for head in range(len(own))],
            [100 * own, 100 * same],
            ["W_query and W_key", "W_query for both"],
            palette(),
            x="share of the scores that depends on who asks whom (%)",
        ),
        seen=f"Who asks whom decides {own.mean():.0%} of the scores; with one matrix {same.mean():.0%}",
        numbers={
            "own": percent(float(own.mean())),
            "itself": percent(itself),
            "itself_same": percent(itself_same),
            "layer": here.layer,
        },
    )


def dropped(here: Here) -> Outcome:
    """The mean sum of a row of weights after dropout, divided by what stays on average, or not."""
    need(here, 1, "so that there is a row of weights")
    row = stage(here, "weights")[here.token]
    sums = [kept_sums(row, RATE, DRAWS, scaled=scaled) for scaled in (True, False)]
    means = [float(values.mean()) for values in sums]
    return Outcome(
        held=0 if abs(means[0] - 1) < NEAR < 1 - means[1] else 1,
        figure=paired_lines(
            np.arange(1, DRAWS + 1)[::EVERY],
            [100 * running_mean(values).numpy()[::EVERY] for values in sums],
            ["divided by 1 − p", "not divided"],
            palette(),
            x="draws",
            y="sum of the row, mean so far (%)",
        ),
        seen=f"After {DRAWS} draws the row sums to {means[0]:.0%} if divided, to {means[1]:.0%} if not",
        numbers={
            "scaled": percent(means[0]),
            "plain": percent(means[1]),
            "draws": DRAWS,
            "low": percent(float(sums[0].min())),
            "high": percent(float(sums[0].max())),
        },
    )


CARDS = (
    Card("minus_infinity", 2, 1, hidden_late),
    Card("scale", 3, 0, scaled),
    Card("three_matrices", 4, 1, one_matrix),
)
DROPOUT = Card("dropout", 13, 0, dropped)
