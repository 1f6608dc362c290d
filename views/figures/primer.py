"""A corner of a tensor, with its numbers."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from views.figures.base import MONO, blank
from views.theme import Palette


def corner(
    numbers: np.ndarray, rows: Sequence[str], palette: Palette, *, x: str, y: str, whole: bool
) -> go.Figure:
    """The first numbers of a tensor, (R, K), written into their cells; whole numbers without decimals."""
    limit = float(np.abs(numbers).max()) or 1.0
    figure = blank(palette, x=x, y=y, height=130 + 34 * len(numbers))
    figure.add_heatmap(
        z=numbers.astype(np.float32),
        colorscale=[(0, palette.background), (1, palette.background)] if whole else palette.diverging,
        zmin=-limit,
        zmax=limit,
        xgap=2,
        ygap=2,
        texttemplate="%{z:,.0f}" if whole else "%{z:.2f}",
        textfont={"family": MONO, "size": 13},
        showscale=False,
        hovertemplate=f"{y} %{{y}}, {x} %{{x}}: %{{z}}<extra></extra>",
    )
    figure.update_xaxes(showgrid=False, dtick=1)
    ticks = {"tickvals": list(range(len(rows))), "ticktext": list(rows)}
    figure.update_yaxes(autorange="reversed", showgrid=False, tickmode="array", **ticks)
    return figure
