"""Probabilities of the next token as bars."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from views.figures.base import MONO, blank, plain, room_for, visible
from views.theme import Palette


def next_token_bars(
    tokens: Sequence[str], probs: np.ndarray, palette: Palette, *, before: np.ndarray | None = None
) -> go.Figure:
    """Bars of the likeliest tokens, likeliest on top: tokens (K,), probs (K,) in 0..1.

    `before` (K,) are the model's own probabilities, before temperature and cuts, as hollow bars.
    """
    height, left = 90 + 26 * len(tokens), room_for(map(visible, tokens))
    figure = blank(
        palette, x="probability of being next (%)", y="", height=height, legend=before is not None, left=left
    )
    places = np.arange(len(tokens))
    if before is not None:
        outline = {"color": "rgba(0,0,0,0)", "line": {"color": palette.residual, "width": 1.5}}
        figure.add_bar(
            y=places, x=100 * before, orientation="h", marker=outline, name="the model's own", width=0.8
        )
    figure.add_bar(
        y=places,
        x=100 * probs,
        orientation="h",
        marker={"color": np.where(probs > 0, palette.query, palette.faint)},
        name="drawn from",
        width=0.55 if before is not None else 0.8,
        customdata=plain(tokens),
        hovertemplate="%{customdata}: %{x:.2f} %<extra></extra>",
        text=[f"{100 * p:.1f}" if p > 0 else "cut" for p in probs],
        textposition="outside",
        textfont={"size": 14},
        constraintext="none",
        cliponaxis=False,
    )
    figure.update_layout(barmode="overlay")
    name_rows(figure, tokens)
    figure.update_xaxes(rangemode="tozero")
    return figure


def name_rows(figure: go.Figure, tokens: Sequence[str]) -> None:
    """Write each token beside its bars, the first on top."""
    figure.update_yaxes(
        tickmode="array",
        tickvals=list(range(len(tokens))),
        ticktext=plain(tokens),
        autorange="reversed",
        tickfont={"family": MONO},
    )


def changed_bars(tokens: Sequence[str], before: np.ndarray, after: np.ndarray, palette: Palette) -> go.Figure:
    """Next-token probabilities with and without a change, side by side: tokens (K,), both (K,) in 0..1."""
    height, left = 60 + 34 * len(tokens), room_for(map(visible, tokens))
    figure = blank(palette, x="probability of being next (%)", y="", height=height, legend=True, left=left)
    places = list(range(len(tokens)))  # two tokens may look the same
    for probs, name, colour in ((before, "as trained", palette.residual), (after, "changed", palette.key)):
        figure.add_bar(
            y=places,
            x=100 * probs,
            orientation="h",
            name=name,
            marker={"color": colour},
            customdata=plain(tokens),
            hovertemplate="%{customdata}: %{x:.2f} %<extra>" + name + "</extra>",
        )
    figure.update_layout(barmode="group")
    name_rows(figure, tokens)
    return figure
