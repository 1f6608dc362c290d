"""What a feed-forward layer does with one token, and that it does it to each token by itself."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from views.figures.base import MONO, add_band, add_targets, blank, named, plain, ticks
from views.theme import Palette

HOVERED = 1024  # numbers in a strip whose values travel with the picture
DRAWN = 4096  # more than any screen has pixels: of a wider strip some are left out


def expansion(rows: Sequence[np.ndarray], names: Sequence[str], palette: Palette) -> go.Figure:
    """One token's way through the layer as strips of colour: (C,), then (U,) each, then (C,) again.

    A strip is as wide as it has numbers, and each has its own scale, centred on 0.
    """
    labels = [f"{name}: {len(row):,}" for name, row in zip(names, rows, strict=True)]
    rows = [row[:: -(-max(map(len, rows)) // DRAWN)] for row in rows]
    widest = max(map(len, rows))
    shades, numbers = np.full((2, len(rows), widest), np.nan, dtype=np.float32)
    for place, row in enumerate(rows):
        left = (widest - len(row)) // 2
        numbers[place, left : left + len(row)] = row
        shades[place, left : left + len(row)] = row / (float(np.abs(row).max()) or 1.0)
    figure = blank(palette, x="", y="", height=270, left=190)
    few = widest <= HOVERED
    figure.add_heatmap(
        z=shades,
        customdata=numbers if few else None,
        colorscale=palette.diverging,
        zmin=-1,
        zmax=1,
        ygap=9,
        showscale=False,
        hoverongaps=False,
        hovertemplate="%{y}: %{customdata:.4f}<extra></extra>" if few else None,
        hoverinfo=None if few else "skip",
    )
    figure.update_yaxes(
        tickmode="array",
        tickvals=list(range(len(rows))),
        ticktext=labels,
        autorange="reversed",
        showgrid=False,
        zeroline=False,
    )
    figure.update_xaxes(visible=False)
    figure.update_layout(margin={"b": 8})
    return figure


def moved_bars(
    attention: np.ndarray, feed_forward: np.ndarray, tokens: Sequence[str], palette: Palette, *, place: int
) -> go.Figure:
    """How far each token's output moved, (T,) each, above for attention and below for the feed-forward.

    `place` is the token whose input was changed.
    """
    figure = blank(palette, x="token", y="attention moved (RMS)", height=520, left=76)
    style = figure.axis("yaxis") | {"rangemode": "tozero", "nticks": 4}
    figure.update_layout(
        yaxis=style | {"domain": [0.54, 1]},
        yaxis2=named(style | {"domain": [0, 0.44]}, "feed-forward moved"),
        bargap=0.2,
    )
    labels, places = plain(tokens), np.arange(len(tokens))
    for values, axis, colour in ((attention, "y", palette.query), (feed_forward, "y2", palette.value)):
        figure.add_bar(
            x=places,
            y=values,
            yaxis=axis,
            marker={"color": colour},
            hoverinfo="skip",
        )
        if not values.any():
            figure.update_layout({f"{axis[0]}axis{axis[1:]}": {"range": [0, 1]}})
    say_zero(figure, attention, feed_forward, palette)
    point_at_tokens(figure, attention, feed_forward, labels)
    add_band(figure, place - 0.5, place + 0.5, palette)
    wanted = ticks(labels) | {"tickangle": -60, "tickfont": {"family": MONO, "size": 14}}
    figure.update_xaxes(
        anchor="y2", showgrid=False, zeroline=False, range=[-0.6, len(tokens) - 0.4], **wanted
    )
    figure.update_layout(margin={"b": 56 + 8 * min(12, max(map(len, labels), default=0))})
    return figure


def point_at_tokens(
    figure: go.Figure, attention: np.ndarray, feed_forward: np.ndarray, labels: Sequence[str]
) -> None:
    """Each token can be pointed at and clicked, also where nothing moved."""
    told = [
        [label, f"{one:.4g}", f"{other:.4g}"]
        for label, one, other in zip(labels, attention, feed_forward, strict=True)
    ]
    hover = "%{customdata[0]}: attention moved by %{customdata[1]}, feed-forward by %{customdata[2]}"
    places, floor, hover = list(range(len(told))), [0] * len(told), f"{hover}<extra></extra>"
    for axis in ("y", "y2"):
        add_targets(figure, places, floor, told, hover, axis=axis)


def say_zero(figure: go.Figure, attention: np.ndarray, feed_forward: np.ndarray, palette: Palette) -> None:
    """Over each of the two pictures, how many tokens moved by exactly 0."""
    for values, axis in ((attention, "y"), (feed_forward, "y2")):
        still = int((values == 0).sum())
        figure.add_annotation(
            text=f"{still} of {len(values)} moved by exactly 0",
            x=1,
            xref="paper",
            xanchor="right",
            y=1,
            yref=f"{axis} domain",
            yanchor="bottom",
            showarrow=False,
            font={"size": 16, "color": palette.text},
        )
