"""Vectors as rows of colour."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from views.figures.base import blank, plain
from views.theme import Palette


def vector_rows(
    rows: np.ndarray, names: Sequence[str], palette: Palette, *, x: str, height: int | None = None
) -> go.Figure:
    """Vectors as rows of colour, (N, C), one scale for all, centred on 0; first row on top."""
    limit = float(np.abs(rows).max()) or 1.0
    figure = blank(palette, x=x, y="", height=height or 90 + 60 * len(rows))
    figure.add_heatmap(
        z=rows.astype(np.float32),
        y=list(range(len(rows))),
        colorscale=palette.diverging,
        zmin=-limit,
        zmax=limit,
        colorbar={"title": {"text": "value"}, "thickness": 12, "nticks": 5},
        hovertemplate="dimension %{x}: %{z:.3f}<extra></extra>",
    )
    figure.update_yaxes(
        tickmode="array",
        tickvals=list(range(len(rows))),
        ticktext=plain(names),
        autorange="reversed",
        showgrid=False,
    )
    figure.update_xaxes(showgrid=False)
    return figure
