"""Two things that differ in one, laid over each other."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from views.figures.base import blank, plain, room_for, ticks, visible
from views.figures.probabilities import name_rows
from views.theme import Palette

SPACE = "\u00a0"  # stays a space where all others become signs
MOST_COUNT = 8  # up to here an axis of whole numbers has a tick for each
MOST_TICKS = 24  # names below a picture of this width


def paired_bars(
    names: Sequence[str],
    pair: Sequence[np.ndarray],
    labels: Sequence[str],
    palette: Palette,
    *,
    x: str,
    tokens: bool = False,
) -> go.Figure:
    """Two numbers for each name (K,), side by side; `x` is the axis title with its unit.

    Where the names are `tokens`, their white space is shown.
    """
    names = names if tokens else [name.replace(" ", SPACE) for name in names]
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
            hovertemplate="%{customdata}: %{x:.3g}<extra>%{fullData.name}</extra>",
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
    names: Sequence[str] = (),
    log: bool = False,
) -> go.Figure:
    """Two or more lines over the same places (N,), the first one broad: a line that lies on it is seen.

    `names` (N,) of the places stand below them, as many as there is room for.
    """
    figure = blank(palette, x=x, y=y, height=340, legend=True)
    places = plain(names) or [f"{place:g}" for place in across]
    for number, (values, label) in enumerate(zip(lines, labels, strict=True)):
        figure.add_scatter(
            x=across,
            y=values,
            mode="lines+markers",
            name=label,
            line={"color": palette.runs[number], "width": 2.5 if number else 7},
            opacity=1 if number else 0.5,
            marker={"size": 5 if number else 9},
            customdata=places,
            hovertemplate="%{customdata}: %{y:.3g}<extra>%{fullData.name}</extra>",
        )
    if names:
        figure.update_xaxes(**ticks(places, MOST_TICKS))
    if all(np.issubdtype(values.dtype, np.integer) and values.max() <= MOST_COUNT for values in lines):
        figure.update_yaxes(dtick=1)
    if log:
        figure.update_yaxes(type="log", exponentformat="power")
    return figure
