"""Layer normalisation: one vector before and after, all layers' values and sizes, and norms left out."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from views.figures.base import blank, named
from views.theme import Palette

FEW = 12  # numbers that are written on their bars
BINS = 61
REACH = 4.0  # of the axis after the norm; what lies beyond is counted in the outermost bins


def before_and_after(
    before: np.ndarray,
    after: np.ndarray,
    palette: Palette,
    *,
    own_before: np.ndarray,
    own_after: np.ndarray,
    unbiased: bool = False,
) -> go.Figure:
    """One vector above, normalised below, (C,) each, with mean and standard deviation marked.

    `own_before` and `own_after` (C,) are the same for the vector as it was, before it was multiplied or
    moved: they stand in the bars as ticks. With `unbiased` the deviation is that of C - 1.
    """
    figure = blank(palette, x="dimension of the vector", y="before", height=430, left=76)
    style = figure.axis("yaxis") | {"nticks": 5}
    figure.update_layout(
        yaxis=style | {"domain": [0.56, 1]},
        yaxis2=named(style | {"domain": [0, 0.44]}, "after"),
        bargap=0.15,
        showlegend=False,
    )
    figure.update_xaxes(anchor="y2", showgrid=False, zeroline=False, range=[-0.6, len(before) - 0.4])
    rows = (("y", before, own_before, palette.residual), ("y2", after, own_after, palette.query))
    for axis, values, own, colour in rows:
        add_bars(figure, axis, values, own, colour, palette)
        mark_spread(figure, axis, values, palette, int(unbiased and len(values) > 1))
    return figure


def add_bars(
    figure: go.Figure, axis: str, values: np.ndarray, own: np.ndarray, colour: str, palette: Palette
) -> None:
    """The numbers as bars, and a tick where each stood before anything was done to it.

    Many bars are one outline, a single thing to draw for a browser.
    """
    few, hover = len(values) <= FEW, "dimension %{x}: %{y:.5g}<extra></extra>"
    look = {"y": values.astype(np.float32), "yaxis": axis, "cliponaxis": False, "hovertemplate": hover}
    if few:
        texts = [f"{value:.4g}" for value in values]
        figure.add_bar(**look, marker={"color": colour}, text=texts, textposition="outside")
    else:
        line = {"shape": "hvh", "width": 0, "color": colour}
        figure.add_scatter(**look, mode="lines", line=line, fill="tozeroy", fillcolor=colour)
    if np.array_equal(own, values):
        return
    figure.add_scatter(
        y=own.astype(np.float32),
        yaxis=axis,
        mode="markers",
        marker={
            "symbol": "line-ew",
            "size": 34 if few else 5,
            "line": {"width": 2.5 if few else 1.5, "color": palette.key},
        },
        hovertemplate="as it was: %{y:.5g}<extra></extra>",
    )


def mark_spread(figure: go.Figure, axis: str, values: np.ndarray, palette: Palette, less: int) -> None:
    """A line at the mean, a band one standard deviation (of C - `less`) to each side, and both numbers."""
    if not np.isfinite(values).all():
        return
    mean, deviation = float(values.mean()), float(values.std(ddof=less))
    mean = 0.0 if abs(mean) < 1e-5 * deviation else mean  # what rounding left
    across = {"xref": "paper", "x0": 0, "x1": 1, "yref": axis}
    band = {"fillcolor": palette.validation, "opacity": 0.2, "line": {"width": 0}, "layer": "below"}
    figure.add_shape(type="rect", y0=mean - deviation, y1=mean + deviation, **across, **band)
    line = {"color": palette.validation, "width": 2}
    figure.add_shape(type="line", y0=mean, y1=mean, **across, line=line)
    figure.add_annotation(
        xref="paper",
        x=1,
        yref=f"{axis} domain",
        y=1,
        xanchor="right",
        yanchor="bottom",
        showarrow=False,
        text=f"mean <b>{mean:.4g}</b> · standard deviation <b>{deviation:.4g}</b>",
    )


def value_ridges(
    before: Sequence[np.ndarray], after: Sequence[np.ndarray], names: Sequence[str], palette: Palette
) -> go.Figure:
    """Where the numbers of each norm's input and output lie, any shape each: a hill a norm, first on top."""
    widest = max((float(np.percentile(np.abs(x), 99.5)) for x in before), default=1.0) or 1.0
    figure = blank(palette, x="before", y="", height=120 + 46 * len(names), left=130)
    half = {"showgrid": False, "zeroline": True, "nticks": 5}
    figure.update_xaxes(domain=[0, 0.48], range=[-widest, widest], **half)
    right = figure.axis("xaxis") | {"domain": [0.52, 1], "range": [-REACH, REACH]}
    figure.update_layout(xaxis2=named(right, "after"))
    for axis, columns, reach, colour in (
        ("x", before, widest, palette.residual),
        ("x2", after, REACH, palette.query),
    ):
        add_hills(figure, axis, columns, reach, colour, names)
    places = [-row for row in range(len(names))]
    figure.update_yaxes(
        tickvals=places, ticktext=list(names), ticklabelstandoff=8, showgrid=False, zeroline=False
    )
    figure.update_yaxes(range=[-len(names) + 0.8, 1.1])
    return figure


def add_hills(
    figure: go.Figure,
    axis: str,
    columns: Sequence[np.ndarray],
    reach: float,
    colour: str,
    names: Sequence[str],
) -> None:
    """All hills of one side as one line with gaps, each closed on its floor: far cheaper than a line each."""
    edges = np.linspace(-reach, reach, BINS + 1)
    centres = (edges[:-1] + edges[1:]) / 2
    x, y = np.concatenate([centres[:1], centres, centres[-1:], [np.nan]]), []
    for row, values in enumerate(columns):
        counts, _ = np.histogram(np.clip(values, -reach, reach), edges)
        heights = 0.9 * counts / max(1, counts.max())
        y.append(np.concatenate([[0], heights, [0], [np.nan]]) - row)
    figure.add_scatter(
        x=np.tile(x, len(columns)).astype(np.float32),
        y=np.concatenate(y).astype(np.float32),
        xaxis=axis,
        mode="lines",
        fill="toself",
        hoveron="points",
        line={"color": colour, "width": 1.5},
        text=[name for name in names for _ in x],
        hovertemplate="%{text}: about %{x:.2f}<extra></extra>",
    )


def sizes_by_depth(
    before: np.ndarray, after: np.ndarray, names: Sequence[str], palette: Palette
) -> go.Figure:
    """Size (RMS) of what each norm reads and of what it gives, (N,) each, first norm left."""
    figure = blank(palette, x="norm", y="size (RMS of the numbers)", height=400, legend=True, left=72)
    for values, name, colour in (
        (before, "the stream, before", palette.residual),
        (after, "what the layer reads, after", palette.query),
    ):
        figure.add_scatter(
            x=list(names),
            y=values,
            mode="lines+markers",
            name=name,
            line={"color": colour, "width": 4},
            marker={"size": 9},
            hovertemplate="%{x}: %{y:.3g}<extra>" + name + "</extra>",
        )
    figure.update_yaxes(rangemode="tozero")
    figure.update_xaxes(showgrid=False, tickangle=-60)
    figure.update_layout(margin={"t": 64, "b": 136})
    return figure


def three_stacks(sizes: Mapping[str, Sequence[float]], palette: Palette) -> go.Figure:
    """Size of the stream by depth, (L + 1,), with norms before, after and nowhere, on a log axis."""
    figure = blank(palette, x="blocks passed", y="size of the stream (RMS)", height=400, left=80)
    colours = (palette.query, palette.categories[4], palette.key)
    for (name, values), colour in zip(sizes.items(), colours, strict=True):
        figure.add_scatter(
            y=list(values),
            mode="lines+markers+text",
            name=name,
            line={"color": colour, "width": 4},
            marker={"size": 7},
            text=[*[""] * (len(values) - 1), f" {name}"],
            textposition="middle right",
            textfont={"color": colour, "size": 16},
            cliponaxis=False,
            hovertemplate="after %{x} blocks: %{y:.3g}<extra>" + name + "</extra>",
        )
    steps = len(next(iter(sizes.values()))) - 1
    figure.update_xaxes(range=[-0.2, steps * 1.18 + 0.3], dtick=max(1, steps // 6), zeroline=False)
    figure.update_yaxes(type="log", dtick=1, exponentformat="power", zeroline=False)
    return figure
