"""Activation functions: curves, slopes, and the real numbers that a layer puts through them."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from views.figures.base import add_targets, blank, named
from views.theme import Palette

NAMES = {"gelu": "GELU", "gelu_tanh": "GELU (tanh)", "relu": "ReLU", "silu": "SiLU"}
REACH = 4.0  # of the x axis; what lies beyond is counted in the outermost bars
BINS = 80
POINTS = 81  # places to point at; each is a thing to draw for a browser: a tenth apart is enough
ROW = 1.0  # height at which the picture is pointed at

Curve = tuple[np.ndarray, np.ndarray, np.ndarray]


def name_of(activation: str) -> str:
    """What an activation function is called on screen; a name stays as it is."""
    return NAMES.get(activation, activation)


def colour_of(name: str, palette: Palette) -> str:
    """Each function's own colour, in every picture."""
    return dict(zip(NAMES, (palette.categories[i] for i in (0, 1, 3, 2)), strict=True))[name]


def histogram(values: np.ndarray) -> np.ndarray:
    """Share of values in each of BINS equal bins from -REACH to REACH, in percent: any shape -> (BINS,)."""
    counts, _ = np.histogram(values.clip(-REACH, REACH - 1e-6), BINS, (-REACH, REACH))
    return 100 * counts / max(1, counts.sum())


def curves_over_values(
    curves: Mapping[str, Curve],
    values: np.ndarray,
    palette: Palette,
    *,
    at: float,
    lowest: tuple[float, float],
    layer: int,
) -> go.Figure:
    """Three pictures on one x axis: the functions, their slopes, and where a layer's real numbers lie.

    curves: name -> x, values, slopes, each (N,); values: a layer's numbers before the activation, any shape;
    `at` is the x that is read out; `lowest` the lowest point of GELU.
    """
    figure = blank(palette, x="x, the number before the bend", y="f(x)", height=600, left=64)
    stack_three(figure, ("slope", f"layer {layer} (%)"))
    for name, (x, y, slopes) in curves.items():
        dash = "dash" if name == "gelu_tanh" else "solid"
        line = {"color": colour_of(name, palette), "width": 4, "dash": dash}
        look = {"mode": "lines", "line": line, "name": NAMES[name], "hoverinfo": "skip"}
        figure.add_scatter(x=x, y=y, **look)
        figure.add_scatter(x=x, y=slopes, yaxis="y2", **look)
    add_read_out(figure, curves, at, palette)
    add_histogram(figure, values, palette)
    name_curves(figure, list(curves), palette)
    if "gelu" in curves:
        mark_lowest(figure, lowest, palette)
    if curves:
        add_places(figure, curves)
    return figure


def add_read_out(figure: go.Figure, curves: Mapping[str, Curve], at: float, palette: Palette) -> None:
    """A line at the x that is read out, and a dot on each curve and each slope."""
    colours = [colour_of(name, palette) for name in curves]
    for part, axis in ((1, "y"), (2, "y2")):
        heights = [float(np.interp(at, curve[0], curve[part])) for curve in curves.values()]
        marks = {"mode": "markers", "marker": {"color": colours, "size": 13}, "hoverinfo": "skip"}
        figure.add_scatter(x=[at] * len(heights), y=heights, yaxis=axis, name=f"at x = {at:g}", **marks)
    line = {"color": palette.text, "width": 1.5, "dash": "dot"}
    figure.add_shape(type="line", x0=at, x1=at, y0=0, y1=1, yref="paper", line=line)


def name_curves(figure: go.Figure, names: Sequence[str], palette: Palette) -> None:
    """The functions' names in the empty corner of the first picture, each with a line of its colour."""
    signs = {name: "╌╌" if name == "gelu_tanh" else "━━" for name in names}
    lines = [f'<b style="color:{colour_of(name, palette)}">{signs[name]}</b> {NAMES[name]}' for name in names]
    figure.add_annotation(
        x=0.01,
        y=1,
        xref="paper",
        yref="paper",
        xanchor="left",
        yanchor="top",
        align="left",
        text="<br>".join(lines),
        showarrow=False,
        font={"size": 17, "color": palette.text},
    )


def add_places(figure: go.Figure, curves: Mapping[str, Curve]) -> None:
    """What one points at and clicks: dots in a row, so that the nearest is the nearest x."""
    x = np.linspace(-REACH, REACH, POINTS)
    heights = [np.interp(x, curve[0], curve[1]) for curve in curves.values()]
    told = [f"{NAMES[name]} %{{customdata[{number}]:.4f}}" for number, name in enumerate(curves)]
    add_targets(
        figure,
        x,
        np.full_like(x, ROW),
        np.stack(heights, axis=1).astype(np.float32),
        "x = %{x:.2f}: " + ", ".join(told) + "<extra></extra>",
    )


def stack_three(figure: go.Figure, titles: Sequence[str]) -> None:
    """Give the figure two more y axes below the first, on the same x axis."""
    style = figure.axis("yaxis")
    slopes = {"domain": [0.26, 0.46], "range": [-0.25, 1.25], "tickvals": [0, 0.5, 1]}
    figure.update_layout(
        yaxis=style | {"domain": [0.52, 1], "range": [-0.45, 2.4], "nticks": 4},
        yaxis2=named(style | slopes, titles[0]),
        yaxis3=named(style | {"domain": [0, 0.2], "rangemode": "tozero", "nticks": 3}, titles[1]),
    )
    figure.update_yaxes(fixedrange=True)
    figure.update_xaxes(anchor="y3", range=[-REACH, REACH], nticks=9, fixedrange=True)


def add_histogram(figure: go.Figure, values: np.ndarray, palette: Palette) -> None:
    """Where the real numbers lie: below 0 in the pale colour of what is cut, above in the text's."""
    centres = (np.arange(BINS) + 0.5) * 2 * REACH / BINS - REACH
    figure.add_bar(
        x=centres.astype(np.float32),
        y=histogram(values).astype(np.float32),
        width=2 * REACH / BINS,
        marker={"color": np.where(centres < 0, palette.residual, palette.query), "line": {"width": 0}},
        yaxis="y3",
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
        hovertemplate="about %{x:.2f}: %{y:.2f} % of the values<extra></extra>",
    )


def mark_lowest(figure: go.Figure, lowest: tuple[float, float], palette: Palette) -> None:
    """The lowest point of GELU, with its numbers."""
    x, y = lowest
    figure.add_annotation(
        x=x,
        y=y,
        text=f"lowest point of GELU<br>{y:.5f} at x = {x:.5f}",
        ax=0,
        ay=-76,
        arrowcolor=palette.residual,
        bgcolor=palette.background,
        font={"size": 15, "color": palette.text},
    )
