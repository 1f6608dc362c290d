"""Counts against theory, and what a division does: two pictures of probabilities."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from views.figures.base import blank, plain, room_for, visible
from views.figures.probabilities import name_rows
from views.theme import Palette


def draw_bars(
    tokens: Sequence[str],
    counts: np.ndarray,
    expected: np.ndarray,
    deviations: np.ndarray,
    draws: int,
    palette: Palette,
) -> go.Figure:
    """How often each token came, as bars, and how often it should, with 2 deviations: (K,) each.

    A bar that is further off has the colour of a key.
    """
    left, height = room_for(map(visible, tokens)), 90 + 26 * len(tokens)
    figure = blank(palette, x=f"times drawn, of {draws:,}", y="", height=height, left=left)
    places, off = np.arange(len(tokens)), np.abs(counts - expected) > 2 * deviations + 1e-9
    figure.add_bar(
        y=places,
        x=counts,
        orientation="h",
        name="came",
        marker={"color": np.where(off, palette.key, palette.query)},
        width=0.7,
        customdata=np.array([plain(tokens), [f"{x:.1f}" for x in expected]]).T,
        hovertemplate="%{customdata[0]}: came %{x}, expected %{customdata[1]}<extra></extra>",
    )
    figure.add_scatter(
        y=places,
        x=expected,
        mode="markers",
        name="theory, ± 2 deviations",
        marker={"color": palette.text, "symbol": "line-ns", "size": 11, "line": {"width": 2}},
        error_x={"array": 2 * deviations, "color": palette.text, "thickness": 2, "width": 5},
        hoverinfo="skip",
    )
    name_rows(figure, tokens)
    most = float(np.max(np.maximum(counts, expected + 2 * deviations), initial=1.0))
    figure.update_xaxes(range=[0, 1.06 * most])
    return figure


def divided_bars(
    tokens: Sequence[str],
    own: np.ndarray,
    by_logits: np.ndarray,
    by_probs: np.ndarray,
    titles: tuple[str, str],
    palette: Palette,
) -> go.Figure:
    """Two divisions side by side, each over the model's own probabilities as hollow bars: (K,), in 0..1."""
    left = room_for(map(visible, tokens))
    figure = blank(palette, x=titles[0], y="", height=110 + 28 * len(tokens), left=left)
    axis = figure.axis("xaxis") | {"title": {"text": titles[1], "standoff": 8}}
    for values, name, colour in ((by_logits, "x", palette.query), (by_probs, "x2", palette.key)):
        add_panel(figure, tokens, own, values, name, colour, palette)
    most = 100 * max(float(np.max(values, initial=0.0)) for values in (own, by_logits, by_probs))
    shared = {"range": [0, 1.2 * most or 1.0], "nticks": 5}
    figure.update_layout(
        barmode="overlay",
        xaxis={"domain": [0, 0.47]} | shared,
        xaxis2=axis | {"domain": [0.54, 1], "anchor": "y"} | shared,
    )
    name_rows(figure, tokens)
    return figure


def add_panel(
    figure: go.Figure,
    tokens: Sequence[str],
    own: np.ndarray,
    values: np.ndarray,
    axis: str,
    colour: str,
    palette: Palette,
) -> None:
    """The bars of one division on its axis, over hollow ones of the model's own: (K,) each, in 0..1."""
    places = np.arange(len(tokens))
    outline = {"color": "rgba(0,0,0,0)", "line": {"color": palette.residual, "width": 1.5}}
    shared = {"y": places, "xaxis": axis}
    figure.add_bar(x=100 * own, orientation="h", marker=outline, width=0.82, hoverinfo="skip", **shared)
    figure.add_bar(
        x=100 * values,
        orientation="h",
        marker={"color": colour},
        width=0.52,
        customdata=plain(tokens),
        hovertemplate="%{customdata}: %{x:.3f} %<extra></extra>",
        **shared,
    )
    figure.add_scatter(
        x=100 * np.maximum(own, values),
        mode="text",
        text=[f"  {100 * value:.1f}" for value in values],
        textposition="middle right",
        textfont={"size": 14, "color": palette.text},
        hoverinfo="skip",
        cliponaxis=False,
        **shared,
    )
