"""Loss by the place of a token, with the end of the trained length marked."""

import numpy as np
import plotly.graph_objects as go

from views.figures.base import blank
from views.theme import Palette


def loss_by_place(
    places: np.ndarray, losses: np.ndarray, trained: int, read: int, palette: Palette
) -> go.Figure:
    """Mean losses in nats, (N,), at places (N,) of texts of `read` tokens; the model learned `trained`."""
    figure = blank(palette, x="place in the text (tokens)", y="loss (nats a token)", height=430)
    beyond = places > trained
    for part, colour, name in ((~beyond, palette.query, "learned"), (beyond, palette.key, "never seen")):
        if part.any():
            figure.add_scatter(
                x=places[part],
                y=losses[part],
                mode="lines+markers",
                name=name,
                line={"color": colour, "width": 4},
                marker={"size": 10},
                hovertemplate="around token %{x:.0f}: %{y:.2f} nats<extra></extra>",
            )
    end = {"x0": trained, "x1": trained, "y0": 0, "y1": 1, "yref": "paper"}
    figure.add_shape(type="line", line={"color": palette.text, "width": 2, "dash": "dot"}, **end)
    note = {"showarrow": False, "x": trained, "y": 1, "yref": "paper", "yanchor": "top"}
    figure.add_annotation(text=f"trained up to {trained:,} ", xanchor="right", **note)
    if read > trained:
        figure.add_annotation(text=" never seen in training", xanchor="left", **note)
    figure.update_xaxes(range=[0, 2.02 * trained], showgrid=False)
    figure.update_yaxes(rangemode="tozero")
    return figure
