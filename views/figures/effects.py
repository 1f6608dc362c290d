"""What a change does to a prediction: maps of percentage points, centred on no change."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from views.figures.base import MONO, add_cell_targets, blank, frame_cell, plain
from views.theme import Palette

FEW = 100  # cells whose numbers can be written into them


def effect_map(
    change: np.ndarray,
    rows: Sequence[str],
    columns: Sequence[str],
    palette: Palette,
    *,
    x: str,
    y: str,
    chosen: tuple[int, int] | None = None,
) -> go.Figure:
    """Change of a probability in each cell, (R, C) in -1..1: one kind of part or place a column.

    The scale is symmetrical, and the same change has the same colour in every map of at most 100 points.
    The `chosen` (row, column) is framed.
    """
    points = 100 * change
    limit = max(1.0, float(np.abs(points).max(initial=0)))
    figure = blank(palette, x=x, y=y, height=110 + 34 * max(3, len(rows)))
    figure.add_heatmap(
        z=points.astype(np.float32),
        x=list(range(len(columns))),
        y=list(range(len(rows))),
        colorscale=palette.diverging,
        zmin=-limit,
        zmax=limit,
        xgap=2,
        ygap=2,
        text=[[f"{round(value):+d}" if round(value) else "0" for value in line] for line in points.tolist()]
        if points.size <= FEW
        else None,
        texttemplate="%{text}" if points.size <= FEW else None,
        textfont={"size": 15},
        colorbar={"title": {"text": "points"}, "thickness": 12, "nticks": 5},
    )
    told = [f"{row}, {column}" for row in plain(rows) for column in plain(columns)]
    told = [f"{name}: {value:+.2f}" for name, value in zip(told, points.flat, strict=True)]
    add_cell_targets(figure, points.shape, told, "%{customdata} percentage points<extra></extra>")
    if chosen:
        frame_cell(figure, chosen, palette)
    name_axis(figure.update_xaxes, columns, angle=-60 if max(map(len, columns), default=0) > 3 else 0)
    name_axis(figure.update_yaxes, rows, angle=0)
    return figure


def name_axis(update: object, names: Sequence[str], *, angle: int) -> None:
    """Write a name beside every row or below every column."""
    update(
        tickmode="array",
        tickvals=list(range(len(names))),
        ticktext=plain(names),
        tickangle=angle,
        tickfont={"family": MONO, "size": 13},
        showgrid=False,
        zeroline=False,
    )
