"""Activation functions: curves, slopes, and the real numbers that a layer puts through them."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from views.figures.base import MONO, blank, plain, ticks
from views.theme import Palette

NAMES = {"gelu": "GELU", "gelu_tanh": "GELU (tanh)", "relu": "ReLU", "silu": "SiLU"}
REACH = 4.0  # of the x axis; what lies beyond is counted in the outermost bars
BINS = 80

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
    figure = blank(palette, x="x, the number before the activation", y="f(x)", height=640, legend=True)
    stack_three(figure, ("slope", f"layer {layer} (%)"))
    for name, (x, y, slopes) in curves.items():
        line = {
            "color": colour_of(name, palette),
            "width": 3,
            "dash": "dash" if name == "gelu_tanh" else "solid",
        }
        look = {"mode": "lines", "line": line, "name": NAMES[name], "legendgroup": name}
        hover = f"{NAMES[name]}(%{{x:.2f}}) = %{{y:.4f}}<extra></extra>"
        figure.add_scatter(x=x, y=y, hovertemplate=hover, **look)
        hover = f"slope of {NAMES[name]} at %{{x:.2f}}: %{{y:.4f}}<extra></extra>"
        figure.add_scatter(x=x, y=slopes, yaxis="y2", showlegend=False, hovertemplate=hover, **look)
        place = int(np.abs(x - at).argmin())
        marks = {"mode": "markers", "marker": {"color": line["color"], "size": 12}, "showlegend": False}
        figure.add_scatter(x=[at], y=[y[place]], hoverinfo="skip", **marks)
        figure.add_scatter(x=[at], y=[slopes[place]], yaxis="y2", hoverinfo="skip", **marks)
    add_histogram(figure, values, palette)
    figure.add_shape(
        type="line",
        x0=at,
        x1=at,
        y0=0,
        y1=1,
        yref="paper",
        line={"color": palette.text, "width": 1.5, "dash": "dot"},
    )
    if "gelu" in curves:
        mark_lowest(figure, lowest, palette)
    return figure


def stack_three(figure: go.Figure, titles: Sequence[str]) -> None:
    """Give the figure two more y axes below the first, on the same x axis."""
    style = figure.layout.yaxis.to_plotly_json()
    figure.update_layout(
        yaxis=style | {"domain": [0.52, 1], "range": [-0.45, 2.4], "nticks": 4},
        yaxis2=style | {"domain": [0.26, 0.46], "range": [-0.25, 1.25], "tickvals": [0, 0.5, 1]},
        yaxis3=style | {"domain": [0, 0.2], "rangemode": "tozero", "nticks": 3},
    )
    figure.layout.yaxis2.title.text, figure.layout.yaxis3.title.text = titles
    figure.update_xaxes(anchor="y3", range=[-REACH, REACH], nticks=9)


def add_histogram(figure: go.Figure, values: np.ndarray, palette: Palette) -> None:
    """Where the real numbers lie: below 0 in the pale colour of what is cut, above in the text's."""
    centres = (np.arange(BINS) + 0.5) * 2 * REACH / BINS - REACH
    figure.add_bar(
        x=centres.astype(np.float32),
        y=histogram(values).astype(np.float32),
        width=2 * REACH / BINS,
        marker={"color": np.where(centres < 0, palette.residual, palette.query), "line": {"width": 0}},
        yaxis="y3",
        showlegend=False,
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


def units_heatmap(
    values: np.ndarray,
    units: Sequence[int],
    tokens: Sequence[str],
    palette: Palette,
    *,
    first: int,
    chosen: int,
) -> go.Figure:
    """Hidden units as rows, tokens as columns, (U, T), signed; `first` is the first token's place."""
    limit = float(np.abs(values).max()) or 1.0
    labels = plain(tokens)
    figure = blank(palette, x="token", y="hidden unit", height=560)
    figure.add_heatmap(
        z=values.astype(np.float32),
        colorscale=palette.diverging,
        zmin=-limit,
        zmax=limit,
        colorbar={"title": {"text": "value"}, "thickness": 12, "nticks": 5},
        text=[[f"unit {unit}"] * len(tokens) for unit in units],
        customdata=[labels] * len(units),
        hovertemplate="%{text}, token %{customdata}: %{z:.3f}<extra></extra>",
    )
    if 0 <= chosen - first < len(tokens):
        edge = {"color": palette.query, "width": 2}
        left = chosen - first - 0.5
        figure.add_shape(type="rect", x0=left, x1=left + 1, y0=-0.5, y1=len(units) - 0.5, line=edge)
    names = [str(unit) for unit in units]
    figure.update_yaxes(
        showgrid=False, autorange="reversed", tickfont={"family": MONO, "size": 12}, **ticks(names, 20)
    )
    figure.update_xaxes(showgrid=False, tickangle=-60, tickfont={"family": MONO, "size": 14}, **ticks(labels))
    return figure
