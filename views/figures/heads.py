"""How well a model reads with each number of heads that it could have."""

from collections.abc import Mapping

import plotly.graph_objects as go

from views.figures.base import blank
from views.theme import Palette


def heads_bars(losses: Mapping[int, float], palette: Palette, *, chosen: int) -> go.Figure:
    """A bar for each number of heads: the loss on one sentence, in nats a token."""
    figure = blank(palette, x="heads", y="nats a token", height=210)
    figure.add_bar(
        x=[str(count) for count in losses],
        y=list(losses.values()),
        marker={"color": [palette.query if count == chosen else palette.residual for count in losses]},
        hovertemplate="%{x} heads: %{y:.2f} nats a token<extra></extra>",
        text=[f"{loss:.2f}" for loss in losses.values()],
        textposition="outside",
        cliponaxis=False,
    )
    figure.update_xaxes(type="category", tickmode="array", tickvals=[str(count) for count in losses])
    return figure
