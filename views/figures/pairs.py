"""Two things that differ in one, laid over each other."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from views.figures.base import blank, plain, room_for, visible
from views.figures.probabilities import name_rows
from views.theme import Palette


def paired_bars(
    names: Sequence[str],
    pair: Sequence[np.ndarray],
    labels: Sequence[str],
    palette: Palette,
    *,
    x: str,
    template: str = "%{x:.3g}",
) -> go.Figure:
    """Two numbers for each name (K,), side by side; `x` is the axis title with its unit."""
    height, left = 70 + 34 * len(names), room_for(map(visible, names))
    figure = blank(palette, x=x, y="", height=height, legend=True, left=left)
    for values, label, colour in zip(pair, labels, (palette.residual, palette.query), strict=True):
        figure.add_bar(
            y=list(range(len(names))),
            x=values,
            orientation="h",
            name=label,
            marker={"color": colour},
            customdata=plain(names),
            hovertemplate="%{customdata}: " + template + "<extra>%{fullData.name}</extra>",
        )
    figure.update_layout(barmode="group")
    name_rows(figure, names)
    return figure


def paired_lines(
    across: np.ndarray,
    lines: Sequence[np.ndarray],
    labels: Sequence[str],
    palette: Palette,
    *,
    x: str,
    y: str,
    log: bool = False,
) -> go.Figure:
    """Two or more lines over the same places (N,), each named at its end."""
    figure = blank(palette, x=x, y=y, height=340, legend=True)
    for values, label, colour in zip(lines, labels, palette.runs, strict=False):
        figure.add_scatter(
            x=across,
            y=values,
            mode="lines+markers",
            name=label,
            line={"color": colour, "width": 3},
            hovertemplate="%{x}: %{y:.3g}<extra>%{fullData.name}</extra>",
        )
    if log:
        figure.update_yaxes(type="log", exponentformat="power")
    return figure
