"""Which positions are alike, as a map."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from views.figures.base import blank
from views.theme import Palette


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
