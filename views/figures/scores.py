"""Shares of what a fine-tuned model gets right, by step."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go

from views.figures.base import blank
from views.theme import Palette


class Score(NamedTuple):
    """Something that is measured at each evaluation."""

    name: str
    steps: np.ndarray  # (M,) of each evaluation
    values: np.ndarray  # (M,)


def scores_figure(
    scores: Sequence[Score], steps: int, palette: Palette, *, chance: float | None = None
) -> go.Figure:
    """Shares from 0 to 1 by step, two at most; what guessing would reach is dotted."""
    figure = blank(palette, x="optimizer step", y="share (%)", height=430, legend=True)
    for score, colour in zip(scores, (palette.train, palette.validation), strict=False):
        figure.add_scatter(
            x=score.steps,
            y=100 * score.values,
            mode="lines+markers",
            name=score.name,
            line={"color": colour, "width": 3},
            hovertemplate="step %{x}: %{y:.0f} %<extra>%{fullData.name}</extra>",
        )
    if chance is not None:
        figure.add_scatter(
            x=[0, max(1, steps)],
            y=[100 * chance] * 2,
            mode="lines",
            name="guessing",
            line={"color": palette.residual, "width": 2, "dash": "dot"},
            hoverinfo="skip",
        )
    figure.update_xaxes(range=[0, max(1, steps)])
    figure.update_yaxes(range=[-3, 103])
    return figure
