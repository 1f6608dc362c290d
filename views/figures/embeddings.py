"""Embeddings: a row of the table and the sum that enters the model, neighbours, sums of words, positions."""

import html
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from views.figures.base import MONO, blank, plain, room_for
from views.figures.matrices import vector_rows
from views.theme import Palette


def input_sum(rows: np.ndarray, names: Sequence[str], palette: Palette) -> go.Figure:
    """Token row, position row and their sum, (3, C), or the token row alone, (1, C): one scale for all.

    Hover over the sum says of what it is.
    """
    figure = vector_rows(rows, names, palette, x="dimension of the embedding", height=110 + 66 * len(rows))
    figure.update_traces(ygap=8)
    if len(rows) == 3:
        sums = [f"= {token:+.3f} {position:+.3f}" for token, position in rows[:2].T]
        nothing = [""] * len(sums)
        hover = "dimension %{x}: %{z:+.3f} %{text}<extra></extra>"
        figure.update_traces(text=[nothing, nothing, sums], hovertemplate=hover)
    figure.update_yaxes(tickfont={"size": 17}, ticktext=[html.escape(name) for name in names])
    return figure


def look_up(
    one_hot: np.ndarray, rows: np.ndarray, names: Sequence[str], chosen: int, palette: Palette
) -> go.Figure:
    """A part of a one-hot vector, (R,), beside the same rows of the table, (R, C): the 1 stands at `chosen`.

    One-hot times table multiplies each row with its number on the left and adds up.
    """
    left = room_for(names)
    figure = blank(palette, x="dimension of the embedding", y="", height=100 + 38 * len(rows), left=left)
    limit = float(np.abs(rows).max()) or 1.0
    figure.add_heatmap(
        z=one_hot[:, None].astype(np.float32),
        x=[0],
        xaxis="x2",
        colorscale=[(0, palette.faint), (1, palette.key)],
        zmin=0,
        zmax=1,
        texttemplate="%{z:.0f}",
        textfont={"size": 17},
        showscale=False,
        ygap=3,
        hovertemplate="one-hot: %{z:.0f}<extra></extra>",
    )
    figure.add_heatmap(
        z=rows.astype(np.float32),
        colorscale=palette.diverging,
        zmin=-limit,
        zmax=limit,
        ygap=3,
        colorbar={"title": {"text": "value"}, "thickness": 12, "nticks": 5},
        hovertemplate="dimension %{x}: %{z:.3f}<extra></extra>",
    )
    edge = {"color": palette.key, "width": 3}
    figure.add_shape(
        type="rect", x0=-0.5, x1=rows.shape[1] - 0.5, y0=chosen - 0.5, y1=chosen + 0.5, line=edge
    )
    small = {"domain": [0, 0.05], "showticklabels": False, "ticks": "", "showgrid": False, "fixedrange": True}
    title = {"text": "one-hot", "standoff": 8}
    figure.update_layout(xaxis={"domain": [0.08, 1], "showgrid": False}, xaxis2=small | {"title": title})
    ticks = {"tickvals": list(range(len(names))), "ticktext": [html.escape(name) for name in names]}
    figure.update_yaxes(tickmode="array", **ticks, autorange="reversed", showgrid=False, anchor="x2")
    figure.update_yaxes(tickfont={"family": MONO, "size": 15}, zeroline=False)
    figure.update_xaxes(zeroline=False)
    return figure


def swap_rows(rows: np.ndarray, names: Sequence[str], palette: Palette, of: str = "embedding") -> go.Figure:
    """What the model reads of a token at one place and at another, and the difference: (3, C)."""
    figure = vector_rows(rows, names, palette, x=f"dimension of the {of}", height=310)
    figure.update_traces(ygap=8, showscale=False)
    figure.update_yaxes(tickfont={"size": 16}, ticktext=[html.escape(name) for name in names])
    return figure


def neighbour_bars(names: Sequence[str], values: Sequence[float], palette: Palette, *, by: str) -> go.Figure:
    """The nearest tokens, nearest on top: cosines, where long is near, or distances, where short is near."""
    figure = blank(palette, x="distance" if by == "euclid" else "cosine", y="", height=560)
    places = np.arange(len(names))
    figure.add_bar(
        x=np.asarray(values, dtype=np.float32),
        y=places,
        orientation="h",
        marker={"color": palette.query},
        text=[f"{value:.2f}" for value in values],
        textposition="auto",
        textangle=0,
        customdata=plain(names),
        hovertemplate="%{customdata}: %{x:.3f}<extra></extra>",
    )
    figure.update_yaxes(
        tickmode="array",
        tickvals=places,
        ticktext=plain(names),
        autorange="reversed",
        showgrid=False,
        ticklabelstandoff=6,
        tickfont={"family": MONO, "size": 17},
    )
    figure.update_xaxes(nticks=3, tickangle=0, rangemode="tozero")
    return figure


def position_heatmap(places: Sequence[int], cosines: np.ndarray, palette: Palette) -> go.Figure:
    """How alike the rows of any two positions are: cosines (N, N), sent as whole hundredths."""
    figure = blank(palette, x="position", y="position", height=480)
    figure.add_heatmap(
        z=np.rint(100 * cosines).astype(np.int8),
        x=list(places),
        y=list(places),
        colorscale=palette.diverging,
        zmin=-100,
        zmax=100,
        colorbar={
            "title": {"text": "cosine"},
            "orientation": "h",
            "thickness": 10,
            "y": 1.0,
            "yanchor": "bottom",
            "tickangle": 0,
            "tickvals": [-100, 0, 100],
            "ticktext": ["−1", "0", "1"],
        },
        hovertemplate="positions %{y} and %{x}: cosine %{z}/100<extra></extra>",
    )
    figure.update_xaxes(showgrid=False, nticks=5, tickangle=0)
    figure.update_yaxes(showgrid=False, nticks=5, autorange="reversed")
    return figure
