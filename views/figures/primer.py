"""A primer of what all pictures are made of: two arrows and their dot product, a corner of a tensor."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from views.figures.base import MONO, blank
from views.figures.word_sums import add_arrow
from views.theme import Palette

FURTHEST = 3.2  # half a side of the square in which arrows are drawn


def two_arrows(a: Sequence[float], b: Sequence[float], palette: Palette) -> go.Figure:
    """Two vectors of two numbers as arrows from 0, and the shadow of b on the line of a."""
    figure = blank(palette, x="first number", y="second number", height=440)
    length = float(np.hypot(*a))
    if length:
        along = np.asarray(a) / length
        shadow = float(np.dot(along, b)) * along
        figure.add_scatter(
            x=[0, shadow[0]],
            y=[0, shadow[1]],
            mode="lines",
            line={"color": palette.residual, "width": 18},
            opacity=0.5,
            name="shadow",
            hoverinfo="skip",
        )
        drop = {"color": palette.residual, "dash": "dot", "width": 2}
        figure.add_scatter(
            x=[b[0], shadow[0]], y=[b[1], shadow[1]], mode="lines", line=drop, name="drop", hoverinfo="skip"
        )
    for name, vector, colour in (("a", a, palette.query), ("b", b, palette.key)):
        add_arrow(figure, np.zeros(2), np.asarray(vector), colour, width=5)
        figure.add_scatter(
            x=[1.09 * vector[0]],
            y=[1.09 * vector[1]],
            mode="text",
            text=[f"<b>{name}</b>"],
            textfont={"size": 24, "color": colour},
            name=name,
            hoverinfo="skip",
        )
    side = {"range": [-FURTHEST, FURTHEST], "nticks": 7, "zerolinewidth": 2}
    figure.update_layout(xaxis=side | {"constrain": "domain"}, yaxis=side | {"scaleanchor": "x"})
    return figure


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
