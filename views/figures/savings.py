"""The work of one more token, with and without the cache."""

import numpy as np
import plotly.graph_objects as go

from views.figures.base import blank
from views.theme import Palette


def work_lines(
    lengths: np.ndarray,
    without: np.ndarray,
    with_cache: np.ndarray,
    written: tuple[int, int],
    context_length: int,
    palette: Palette,
) -> go.Figure:
    """Multiply-adds for the next token by the tokens before it: (N,) each. `written` is a band."""
    figure = blank(palette, x="tokens before it", y="multiply-adds for the next token", height=340, left=76)
    label_at = int(0.5 * min(len(lengths), np.searchsorted(lengths, context_length)))
    for values, name, colour, dash in (
        (without, "without cache", palette.key, "dash"),
        (with_cache, "with cache", palette.query, "solid"),
    ):
        figure.add_scatter(
            x=lengths,
            y=values,
            mode="lines",
            name=name,
            line={"color": colour, "width": 3, "dash": dash},
            hovertemplate="%{x} tokens: %{y:,.3s}<extra>" + name + "</extra>",
        )
        place = {"x": lengths[label_at], "y": float(np.log10(values[label_at])), "yshift": 14}
        figure.add_annotation(text=name, font={"color": colour, "size": 16}, showarrow=False, **place)
    along, line = {"y0": 0, "y1": 1, "yref": "y domain"}, {"color": palette.residual, "dash": "dot"}
    look = {"fillcolor": palette.faint, "opacity": 0.6, "line": {"width": 0}, "layer": "below"}
    figure.add_shape(type="rect", x0=written[0], x1=written[1], **along, **look)
    figure.add_shape(type="line", x0=context_length, x1=context_length, line=line, **along)
    figure.add_annotation(
        x=context_length,
        y=0.3,
        yref="paper",
        text="context is full",
        showarrow=False,
        xanchor="right",
        xshift=-6,
    )
    powers = range(int(np.log10(with_cache.min())), int(np.log10(without.max())) + 1)
    values = [10.0**power for power in powers]
    figure.update_yaxes(
        type="log", tickmode="array", tickvals=values, ticktext=[short(one) for one in values]
    )
    return figure


def short(value: float) -> str:
    """A power of ten as a person says it: 10 M."""
    for size, letter in ((1e12, " T"), (1e9, " G"), (1e6, " M"), (1e3, " k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"
