"""What all figures share: fonts, margins, axes, and text that stays text."""

import html
from collections.abc import Iterable, Sequence

import numpy as np
import plotly.graph_objects as go

from views.figures.drawn import Drawn
from views.theme import Palette

FONT = "Source Sans, sans-serif"
MONO = "Source Code, monospace"
TARGETS = "point here"  # what a trace is called that is only there to be pointed at


def blank(
    palette: Palette, *, x: str, y: str, height: int = 380, legend: bool = False, left: int | None = None
) -> Drawn:
    """An empty figure with axis titles (units in them) in the palette's colours.

    With `left`, pixels kept for what stands left of the plot, it is drawn once: plotly need not find out.
    """
    axis = {
        "gridcolor": palette.faint,
        "zerolinecolor": palette.faint,
        "automargin": left is None,
        "nticks": 8,
    }
    layout = {  # one dictionary: ten times faster than updating a figure
        "height": height,
        "margin": {"l": left or 8, "r": 16, "t": 24, "b": 8 if left is None else 56},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "size": 15, "color": palette.text},
        "hoverlabel": {"font": {"family": FONT, "size": 14}},
        "showlegend": legend,
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        "dragmode": False,
        "uirevision": "keep",
        "xaxis": axis | {"title": {"text": x, "standoff": 8}},
        "yaxis": axis | {"title": {"text": y, "standoff": 12}},
        "template": None,
    }
    return Drawn(layout)


def named(axis: dict, title: str) -> dict:
    """The axis with another title."""
    return axis | {"title": axis["title"] | {"text": title}}


def add_targets(
    figure: go.Figure,
    x: Sequence[float],
    y: Sequence[float],
    told: object,
    hover: str,
    *,
    axis: str = "y",
) -> None:
    """What one points at and clicks: unseen dots, of which the nearest answers, however far it is.

    Plotly lets nobody click a heatmap, nor a bar without height. `told` is the dots' customdata,
    `axis` the one that they stand along.
    """
    unseen = {"marker": {"opacity": 0}}
    figure.add_scatter(
        x=x,
        y=y,
        yaxis=axis,
        mode="markers",
        marker={"opacity": 0, "size": 9},
        selected=unseen,
        unselected=unseen,
        name=TARGETS,
        showlegend=False,
        customdata=told,
        hovertemplate=hover,
    )
    figure.update_layout(hoverdistance=-1)


def add_cell_targets(figure: go.Figure, shape: tuple[int, int], told: object, hover: str) -> None:
    """A dot in each cell of a heatmap (rows, columns), first row on top, which then says nothing itself."""
    figure.update_xaxes(range=[-0.5, shape[1] - 0.5])  # dots would make room for themselves
    figure.update_yaxes(range=[shape[0] - 0.5, -0.5])
    rows, columns = np.indices(shape).reshape(2, -1)
    figure.update_traces(hoverinfo="skip", hovertemplate=None, selector={"type": "heatmap"})
    add_targets(figure, columns.tolist(), rows.tolist(), told, hover)


def frame_cell(figure: go.Figure, cell: tuple[int, int], palette: Palette) -> None:
    """A frame around one cell of a heatmap, (row, column)."""
    (row, column), edge = cell, {"color": palette.text, "width": 3}
    figure.add_shape(type="rect", x0=column - 0.5, x1=column + 0.5, y0=row - 0.5, y1=row + 0.5, line=edge)


def add_band(figure: go.Figure, left: float, right: float, palette: Palette) -> None:
    """A pale band behind what is chosen, over the whole height."""
    band = {"fillcolor": palette.validation, "opacity": 0.2, "line": {"width": 0}, "layer": "below"}
    figure.add_shape(type="rect", x0=left, x1=right, y0=0, y1=1, yref="paper", **band)


def plain(texts: Iterable[str]) -> list[str]:
    """Texts for labels and hover, which plotly would read as HTML; white space made visible."""
    return [html.escape(visible(text), quote=False) for text in texts]


def visible(text: str) -> str:
    """A token's text with its white space and control characters shown as signs."""
    text = text.replace(" ", "·").replace("\n", "↵").replace("\t", "⇥")
    return "".join(f"\\x{ord(sign):02x}" if ord(sign) < 32 or sign == "\x7f" else sign for sign in text)


def room_for(labels: Iterable[str]) -> int:
    """Pixels that labels in the mono font need, left of a plot."""
    return 16 + 9 * max(map(len, labels), default=0)


def ticks(texts: list[str], most: int = 48) -> dict:
    """Axis settings that write a token at each place, or at every second, third, ... if there are many."""
    every = max(1, -(-len(texts) // most))
    places = list(range(0, len(texts), every))
    return {"tickmode": "array", "tickvals": places, "ticktext": [texts[place] for place in places]}
