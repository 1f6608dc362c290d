"""What else the Residuals page shows: first over last gradient, the book's network, the residual stream."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from views.figures.base import add_band, add_targets, blank
from views.theme import Palette


def ratio_squares(
    ratios: np.ndarray, lasts: np.ndarray, chosen: tuple[int, int], palette: Palette
) -> go.Figure:
    """First layer's gradient over the last one's, (2, 2): rows norm on/off, columns residual on/off.

    `lasts` (2, 2) is the last layer's gradient, written below. Purple vanished on the way, orange grew. The
    chosen (row, column) is framed.
    """
    limit = 8.0
    with np.errstate(divide="ignore", invalid="ignore"):
        powers = np.nan_to_num(np.log10(ratios), nan=limit, posinf=limit, neginf=-limit)
    powers = np.where((lasts == 0) & (ratios == 0), -limit, powers).clip(-limit, limit)
    figure = blank(palette, x="", y="", height=400, left=76)
    figure.add_heatmap(
        z=powers,
        zmin=-limit,
        zmax=limit,
        colorscale=palette.diverging,
        showscale=False,
        xgap=6,
        ygap=6,
        hoverinfo="skip",
    )
    for row, column in np.ndindex(2, 2):
        deep = abs(powers[row, column]) > 0.55 * limit
        figure.add_annotation(
            x=column,
            y=row,
            showarrow=False,
            text=ratio_text(ratios[row, column], lasts[row, column]),
            font={"color": palette.background if deep else palette.text, "size": 19},
        )
    row, column = chosen
    edge = {"color": palette.text, "width": 4}
    figure.add_shape(type="rect", x0=column - 0.5, x1=column + 0.5, y0=row - 0.5, y1=row + 0.5, line=edge)
    axis = {"tickmode": "array", "tickvals": [0, 1], "showgrid": False, "zeroline": False}
    figure.update_xaxes(**axis, ticktext=["residual", "no residual"], side="top")
    figure.update_layout(margin={"t": 44, "b": 8}, font={"size": 18})
    figure.update_yaxes(**axis, ticktext=["norm", "no<br>norm"], autorange="reversed")
    return figure


def ratio_text(ratio: float, last: float) -> str:
    """One square in words."""
    if not np.isfinite(last):
        return "<b>overflow</b><br>beyond 32 bits"
    big = "overflow" if not np.isfinite(ratio) else short_number(ratio)
    return f'<span style="font-size:38px">{big}</span><br>last: {short_number(last)}'


def short_number(value: float) -> str:
    """Two digits, or a power of ten."""
    if value == 0 or 0.01 <= value < 1000:
        return f"{value:.0f}" if value >= 100 else f"{value:.2g}"
    digits, power = f"{value:.0e}".split("e")
    return f"{digits}·10<sup>{int(power)}</sup>".replace("-", "−")


def layer_bars(without: Sequence[float], with_shortcut: Sequence[float], palette: Palette) -> go.Figure:
    """The book's network: gradient of each layer (N,) without and with shortcuts, numbers on the bars."""
    figure = blank(
        palette, x="layer, counted from the input", y="mean |gradient|", height=430, legend=True, left=84
    )
    layers = [str(layer + 1) for layer in range(len(without))]
    for values, name, colour in (
        (without, "without shortcuts", palette.key),
        (with_shortcut, "with shortcuts", palette.query),
    ):
        figure.add_bar(
            x=layers,
            y=list(values),
            name=name,
            marker={"color": colour},
            text=[short_number(value) for value in values],
            textposition="outside",
            textangle=0,
            constraintext="none",
            cliponaxis=False,
            hovertemplate="layer %{x}: %{y:.3e}<extra>" + name + "</extra>",
        )
    figure.update_layout(barmode="group", bargap=0.15)
    figure.update_xaxes(type="category")
    figure.update_yaxes(type="log", range=[-5, 1], tickvals=[1e-4, 1e-2, 1], ticktext=["0.0001", "0.01", "1"])
    return figure


def stream_by_depth(
    stream: np.ndarray,
    attention: np.ndarray,
    feed_forward: np.ndarray,
    palette: Palette,
    *,
    chosen: int | None = None,
) -> go.Figure:
    """Size (RMS) of the residual stream between all layers (2L + 1,), and of what each layer adds (L,).

    Behind the `chosen` layer lies a band.
    """
    layers = len(attention)
    figure = blank(palette, x="block", y="size (RMS of the numbers)", height=430, legend=True, left=64)
    for values, name, colour, place in (
        (attention, "attention adds", palette.query, 0.25),
        (feed_forward, "feed-forward adds", palette.value, 0.75),
    ):
        figure.add_bar(
            x=np.arange(layers) + place,
            y=values,
            width=0.36,
            name=name,
            marker={"color": colour},
            hoverinfo="skip",
        )
    figure.add_scatter(
        x=np.arange(len(stream)) / 2,
        y=stream,
        mode="lines+markers",
        name="residual stream",
        line={"color": palette.residual, "width": 5},
        marker={"size": 8},
        hoverinfo="skip",
    )
    point_at_blocks(figure, stream, attention, feed_forward)
    if chosen is not None:
        add_band(figure, chosen, chosen + 1, palette)
    names = {"tickvals": np.arange(layers) + 0.5, "ticktext": [str(i) for i in range(layers)]}
    figure.update_xaxes(**names, range=[-0.15, layers + 0.15], showgrid=False, zeroline=False)
    figure.update_yaxes(rangemode="tozero")
    return figure


def point_at_blocks(
    figure: go.Figure, stream: np.ndarray, attention: np.ndarray, feed_forward: np.ndarray
) -> None:
    """Each block can be pointed at and clicked, and says all its sizes."""
    ways = zip(stream[:-2:2], attention, feed_forward, stream[2::2], strict=True)
    told = [[f"{value:.3g}" for value in sizes] for sizes in ways]
    places, middle = np.arange(len(attention)) + 0.5, float(stream.max(initial=0)) / 2
    parts = "attention adds %{customdata[1]}, feed-forward adds %{customdata[2]}"
    hover = f"stream %{{customdata[0]}}, {parts}, stream %{{customdata[3]}}<extra></extra>"
    add_targets(figure, places.tolist(), [middle] * len(told), told, hover)
