"""Where a token stands, as rotary models tell it: how a head's score changes with the distance."""

import numpy as np
import plotly.graph_objects as go

from views.figures.base import blank
from views.theme import Palette


def distance_curves(curves: np.ndarray, chosen: int, palette: Palette) -> go.Figure:
    """The mean score of each head of a layer, (H, N), by how many tokens back the key stands."""
    figure = blank(palette, x="distance (tokens back)", y="mean score", height=400, left=64)
    order = [head for head in range(len(curves)) if head != chosen] + [chosen]  # the chosen one on top
    for head in order:
        own = head == chosen
        figure.add_scatter(
            y=curves[head].astype(np.float32),
            mode="lines",
            name=f"head {head}",
            line={"color": palette.query if own else palette.residual, "width": 4 if own else 1.5},
            opacity=1.0 if own else 0.45,
            hovertemplate=f"head {head}, %{{x}} back: %{{y:.2f}}<extra></extra>",
        )
    best = int(curves[chosen].argmax())
    figure.add_scatter(
        x=[best],
        y=[float(curves[chosen][best])],
        mode="markers+text",
        text=[f"head {chosen}: highest {best} back"],
        textposition="top right" if best < 0.6 * curves.shape[1] else "top left",
        textfont={"size": 16, "color": palette.text},
        marker={"color": palette.key, "size": 13},
        hoverinfo="skip",
        cliponaxis=False,
    )
    return figure
