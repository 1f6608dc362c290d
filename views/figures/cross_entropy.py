"""What a mistake costs: the loss by the probability of the right token."""

import math
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from views.figures.base import blank, plain
from views.theme import Palette

LEAST = 1e-7  # the smallest probability on the axis


def loss_curve(
    chosen: float, losses: np.ndarray, tokens: Sequence[str], vocab_size: int, palette: Palette
) -> go.Figure:
    """Loss by the probability of the right token: the curve -ln p, a chosen point, guessing, real tokens.

    losses (N,) are nats, of the tokens (N,); the axis ends at LEAST, and rarer ones stand there.
    """
    figure = blank(palette, x="probability of the right token", y="loss (nats)", height=400, left=64)
    powers = np.linspace(math.log10(LEAST), 0, 141)
    figure.add_scatter(
        x=10**powers,
        y=-powers * math.log(10),
        mode="lines",
        line={"color": palette.query, "width": 4},
        hovertemplate="p = %{x:.2g}: %{y:.2f} nats<extra></extra>",
    )
    shown = np.minimum(losses, -math.log(LEAST))
    figure.add_scatter(
        x=np.exp(-shown),
        y=shown,
        mode="markers",
        marker={"color": palette.residual, "size": 11, "line": {"color": palette.background, "width": 1.5}},
        customdata=plain(tokens),
        hovertemplate="%{customdata}: p = %{x:.2g}, %{y:.2f} nats<extra></extra>",
    )
    loss = -math.log(chosen)
    marker = {"color": palette.key, "size": 18}
    figure.add_scatter(x=[chosen], y=[loss], mode="markers", hoverinfo="skip", marker=marker)
    guessing = math.log(vocab_size)
    figure.add_shape(
        type="line",
        x0=0,
        x1=1,
        xref="paper",
        y0=guessing,
        y1=guessing,
        line={"color": palette.text, "dash": "dot"},
    )
    note = {"showarrow": False, "xref": "paper", "x": 1, "xanchor": "right", "yanchor": "bottom"}
    figure.add_annotation(text=f"guessing evenly: ln {vocab_size:,} = {guessing:.3f}", y=guessing, **note)
    ticks = [10.0**n for n in range(-6, 1, 2)] + [0.1]
    names = ["0.0001 %", "0.01 %", "1 %", "100 %", "10 %"]
    figure.update_xaxes(type="log", tickmode="array", tickvals=ticks, ticktext=names, range=[-7.1, 0.15])
    figure.update_yaxes(range=[-0.7, max(17.0, guessing + 1.5)])
    return figure
