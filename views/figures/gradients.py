"""Gradients by depth, as lines on a log axis."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from views.figures.base import blank
from views.theme import Palette

SIDES = ("residual + norm", "residual only", "norm only", "neither")  # the four networks, in this order
LEAST, MOST = 1e-45, 1e45  # what the axis shows at most: about what 32 bits can hold
LOG_LEAST, LOG_MOST = -45.0, 45.0


def gradient_lines(
    gradients: Mapping[str, np.ndarray],
    chosen: str,
    palette: Palette,
    *,
    what: str,
    relative: bool,
    unit: str = "mean |gradient| of the weights",
    beyond: Mapping[str, int | None] | None = None,
) -> go.Figure:
    """A size at each layer (L,) of several networks, on a log axis; the chosen one is drawn thick.

    A 0 (too small for 32 bits) lies as a cross on the floor, an overflow as a triangle under the ceiling.
    `beyond` names each network's first layer, from 0, that is too large: a star stands there.
    """
    lines = {name: relative_to_last(values) if relative else values for name, values in gradients.items()}
    low, high = log_range(lines.values())
    unit = "mean |gradient| ÷ that of the last" if relative else unit
    figure = blank(palette, x=f"{what}, counted from the input", y=unit, height=470, left=150)
    colours = side_colours(palette)
    for name, values in lines.items():
        draw_line(figure, name, values, colours[name], (low, high), thick=name == chosen)
    for name, place in (beyond or {}).items():
        if place is not None:
            height = edge_height(lines[name][place], low, high)
            room = -110 if place > 0.25 * len(lines[name]) else 110  # to the side where the label has room
            mark_beyond(figure, (place, height), colours[name], palette, what, room * (name == chosen))
    name_lines(figure, lines, colours, palette, (low, high), chosen)
    step = max(1, round((high - low) / 6))
    places = np.arange(np.ceil(low / step) * step, high + 0.01, step)
    ticks = {"tickvals": 10**places, "ticktext": [power_of_ten(p) for p in places]}
    figure.update_yaxes(type="log", range=[low, high], side="right", **ticks)
    number_layers(figure, len(next(iter(lines.values()))))
    figure.update_layout(margin={"r": 84})
    return figure


def number_layers(figure: go.Figure, depth: int) -> None:
    """The x axis: a little room at both ends, and whole numbers where there are few."""
    room = 0.5 if depth < 3 else depth / 60
    figure.update_xaxes(range=[1 - room, depth + room], zeroline=False)
    if depth < 9:
        figure.update_xaxes(dtick=1)


def mark_beyond(
    figure: go.Figure, at: tuple[int, float], colour: str, palette: Palette, what: str, room: int
) -> None:
    """A star where a line is too large for the first time, `at` a layer and a power of ten.

    It is named so many pixels beside it; without `room` it is not.
    """
    place, power = at[0] + 1, min(max(at[1], LOG_LEAST), LOG_MOST)
    look = {"symbol": "star", "size": 20, "color": colour, "line": {"color": palette.text, "width": 1.5}}
    figure.add_scatter(
        x=[place],
        y=[10**power],
        mode="markers",
        marker=look,
        name="beyond",
        hovertemplate=f"{what} {place}: the first beyond 10<sup>4</sup><extra></extra>",
    )
    if room:
        figure.add_annotation(
            x=place,
            y=power,
            text=f"beyond 10<sup>4</sup> at {what} {place}",
            ax=room,
            ay=-46 if room < 0 else 46,
            arrowcolor=palette.residual,
            bgcolor=palette.background,
            font={"size": 16, "color": palette.text},
        )


def side_colours(palette: Palette) -> dict[str, str]:
    """A colour for each of the four networks."""
    return dict(
        zip(SIDES, (palette.query, palette.residual, palette.categories[4], palette.key), strict=True)
    )


def relative_to_last(values: np.ndarray) -> np.ndarray:
    """Each layer's value over the last one's; unchanged where the last one is 0 or an overflow."""
    last = values[-1]
    with np.errstate(over="ignore", under="ignore"):  # what leaves the numbers lies at the edge
        return values / last if np.isfinite(last) and last > 0 else values


def log_range(lines: Sequence[np.ndarray]) -> tuple[float, float]:
    """The powers of ten between which everything lies that has a logarithm, with room for crosses."""
    values = np.concatenate(list(lines))
    usual = np.log10(values[np.isfinite(values) & (values > 0)].clip(LEAST, MOST))
    low, high = (usual.min(), usual.max()) if usual.size else (-3.0, 0.0)
    middle, half = (low + high) / 2, max((high - low) / 2, 1.0)  # two powers at least, or noise would fill it
    return middle - 1.12 * half, middle + 1.12 * half


def draw_line(
    figure: go.Figure, name: str, values: np.ndarray, colour: str, limits: tuple[float, float], *, thick: bool
) -> None:
    """One network: its line, and signs at the edge for values without a logarithm."""
    layers = np.arange(1, len(values) + 1)
    usual, zero = np.isfinite(values) & (values > 0), values == 0
    look = {"line": {"color": colour, "width": 5 if thick else 2.5}, "opacity": 1 if thick else 0.75}
    dots = {"color": colour, "size": 9 if thick else 6}
    figure.add_scatter(
        x=layers,
        y=np.where(usual, values.clip(LEAST, MOST), np.nan),
        mode="lines+markers" if len(values) <= 40 else "lines",
        marker=dots,
        name=name,
        hovertemplate="%{x}: %{y:.2e}<extra>" + name + "</extra>",
        **look,
    )
    for which, sign, edge, why in (
        (zero, "x", 0, "0, too small for 32 bits"),
        (~usual & ~zero, "triangle-up", 1, "overflow"),
    ):
        if which.any():
            height = 10 ** (limits[0] + (0.03 + 0.94 * edge) * (limits[1] - limits[0]))
            figure.add_scatter(
                x=layers[which],
                y=np.full(which.sum(), height),
                mode="markers",
                name=name,
                marker={"symbol": sign, "color": colour, "size": 9},
                hovertemplate="%{x}: " + why + "<extra>" + name + "</extra>",
            )


def name_lines(
    figure: go.Figure,
    lines: Mapping[str, np.ndarray],
    colours: Mapping[str, str],
    palette: Palette,
    limits: tuple[float, float],
    chosen: str,
) -> None:
    """Write each line's name beside its first layer, moved apart where they would overlap."""
    low, high = limits
    wanted = [(edge_height(values[0], low, high) - low) / (high - low) for values in lines.values()]
    for (name, _), height in zip(lines.items(), spread(wanted, 0.065), strict=True):
        text = f'<span style="color:{colours[name]}">●</span> ' + (
            f"<b>{name}</b>" if name == chosen else name
        )
        figure.add_annotation(
            text=text,
            x=0,
            xref="paper",
            xanchor="right",
            xshift=-6,
            y=height,
            yref="paper",
            yanchor="middle",
            showarrow=False,
            font={"color": palette.text, "size": 15},
        )


def edge_height(value: float, low: float, high: float) -> float:
    """The logarithm of a value, or the edge of the picture where it has none."""
    if value == 0:
        return low
    return float(np.clip(np.log10(value), low, high)) if np.isfinite(value) else high


def spread(heights: Sequence[float], gap: float) -> list[float]:
    """Heights from 0 to 1 moved apart in their order, so that none is nearer than gap."""
    order = np.argsort(heights, kind="stable")
    moved = np.asarray(heights, dtype=float)[order]
    for i in range(1, len(moved)):
        moved[i] = max(moved[i], moved[i - 1] + gap)
    for i in reversed(range(len(moved))):
        moved[i] = min(moved[i], 1 - gap * (len(moved) - 1 - i))
    result = np.empty(len(moved))
    result[order] = moved
    return result.tolist()


def power_of_ten(power: float) -> str:
    """A tick of a log axis."""
    return {-1: "0.1", 0: "1", 1: "10", 2: "100"}.get(
        int(power), f"10<sup>{str(int(power)).replace('-', '−')}</sup>"
    )
