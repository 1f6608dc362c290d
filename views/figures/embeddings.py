"""Embeddings: the sum that enters the model, the token table as a map, neighbours, positions."""

import html
from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from views.figures.base import MONO, blank, plain
from views.figures.matrices import vector_rows
from views.theme import Palette

MOST_LABELS = 30  # more would cover each other


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


def swap_rows(rows: np.ndarray, names: Sequence[str], palette: Palette) -> go.Figure:
    """What the model reads of a token at one place and at another, and the difference: (3, C)."""
    figure = vector_rows(rows, names, palette, x="dimension of the embedding", height=330)
    figure.update_traces(ygap=8, showscale=False)
    figure.update_yaxes(tickfont={"size": 16}, ticktext=[html.escape(name) for name in names])
    return figure


def token_map(
    points: np.ndarray,
    names: Sequence[str],
    palette: Palette,
    *,
    shares: Sequence[float],
    marked: Mapping[str, Sequence[int]],
    chosen: int,
) -> go.Figure:
    """The token table as a cloud, in two or three dimensions: points (N, 2) or (N, 3), names (N,).

    `marked` are groups of rows to light up and label; `shares` say how much of the variance each axis keeps.
    """
    titles = [f"direction {i + 1} ({share:.0%} of the variance)" for i, share in enumerate(shares)]
    figure = blank(palette, x=titles[0], y=titles[1], height=560, legend=True)
    names = plain(names)
    cloud = {"color": palette.residual, "size": 3 if points.shape[1] == 3 else 5, "opacity": 0.35}
    add_points(figure, points, names, name=f"{len(points):,} tokens", marker=cloud, mode="markers")
    flat = points.shape[1] == 2
    for name, rows in marked.items():
        labels = {row: names[row] if place < MOST_LABELS else "" for place, row in enumerate(rows)}
        labels |= {chosen: ""} if chosen in labels else {}
        add_labels(figure, points, labels, palette, color=palette.query, size=8 if flat else 5, opacity=0.8)
        figure.data[-1].name = html.escape(name)
    add_labels(figure, points, {chosen: names[chosen]}, palette, color=palette.key, size=15 if flat else 9)
    figure.data[-1].update(name="chosen", textfont_size=20)
    if points.shape[1] == 3:
        figure.update_layout(scene=scene(titles, palette), dragmode="turntable")
    else:
        figure.update_layout(dragmode="zoom")
        figure.update_xaxes(nticks=5)
    return figure


def add_points(figure: go.Figure, points: np.ndarray, names: Sequence[str], **look: object) -> None:
    """Points with their names on hover, drawn by the graphics card: there may be thousands."""
    look |= {"text": names, "hovertemplate": "%{text}<extra></extra>"}
    columns = [column.astype(np.float32) for column in points.T]
    if len(columns) == 3:
        figure.add_scatter3d(x=columns[0], y=columns[1], z=columns[2], **look)
    else:
        figure.add_scattergl(x=columns[0], y=columns[1], **look)


def add_labels(
    figure: go.Figure, points: np.ndarray, labels: Mapping[int, str], palette: Palette, **marker: object
) -> go.Figure:
    """Some of the points, larger and with their names written beside them: row -> label."""
    columns = points[list(labels)].T.astype(np.float32)
    look = {
        "mode": "markers+text",
        "text": list(labels.values()),
        "textposition": sides(columns[0]),
        "textfont": {"family": MONO, "size": 15, "color": marker["color"]},
        "marker": marker,
        "hoverinfo": "skip",  # the cloud's own point below tells its name
    }
    if len(columns) == 3:
        return figure.add_scatter3d(x=columns[0], y=columns[1], z=columns[2], **look)
    look["textfont"]["shadow"] = ", ".join(
        [f"0 0 3px {palette.background}"] * 3
    )  # to be read on top of the cloud
    return figure.add_scatter(x=columns[0], y=columns[1], cliponaxis=False, **look)


def sides(x: np.ndarray) -> list[str]:
    """Where to write each label, (N,): by turns from left to right, so that fewer cover each other."""
    turns = np.empty(len(x), dtype=int)
    turns[np.argsort(x)] = np.arange(len(x)) % 4
    return [("top center", "bottom center", "middle right", "middle left")[turn] for turn in turns]


def scene(titles: Sequence[str], palette: Palette) -> dict:
    """Three axes in the palette's colours, without walls."""
    names = ("xaxis", "yaxis", "zaxis")
    axis = {"showbackground": False, "gridcolor": palette.faint, "zerolinecolor": palette.faint, "nticks": 5}
    return {
        name: axis | {"title": {"text": title, "font": {"size": 12}}}
        for name, title in zip(names, titles, strict=False)
    }


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
