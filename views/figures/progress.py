"""What grows inside a model while it trains: gradients by block, heads that find a job, one step's effect."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from views.figures.base import MONO, blank
from views.figures.gradients import log_range, power_of_ten, spread
from views.theme import Palette, Scale


def block_gradients(lines: Mapping[int, np.ndarray], named: Sequence[int], palette: Palette) -> go.Figure:
    """Mean |gradient| of each block (L,) at each checkpoint, by its step: pale for early, deep for late.

    The `named` steps are drawn thick, with their step beside the last block.
    """
    figure = blank(palette, x="block", y="mean |gradient| of the weights", height=400)
    low, high = log_range(list(lines.values()))
    for place, (step, values) in enumerate(lines.items()):
        strong = step in named
        colour = shade(palette.sequential, 0.3 + 0.7 * place / max(1, len(lines) - 1))
        figure.add_scatter(
            x=np.arange(len(values)),
            y=np.where(np.isfinite(values) & (values > 0), values, np.nan),
            mode="lines+markers" if strong or len(values) == 1 else "lines",
            line={"color": colour, "width": 4 if strong else 1.2},
            marker={"size": 10, "color": colour},
            opacity=1 if strong else 0.7,
            hovertemplate=f"step {step:,}, block %{{x}}: %{{y:.2e}}<extra></extra>",
        )
    name_steps(figure, lines, named, palette, (low, high))
    places = np.arange(np.ceil(low), high + 0.01)
    figure.update_yaxes(
        type="log", range=[low, high], tickvals=10**places, ticktext=[power_of_ten(p) for p in places]
    )
    blocks = max((len(values) for values in lines.values()), default=1)
    figure.update_xaxes(dtick=1, range=[-0.15, max(0.15, blocks - 1) + 0.02 * blocks], zeroline=False)
    figure.update_layout(margin={"r": 110})
    return figure


def name_steps(
    figure: go.Figure,
    lines: Mapping[int, np.ndarray],
    named: Sequence[int],
    palette: Palette,
    limits: tuple[float, float],
) -> None:
    """Write the named steps beside their last block, moved apart where they would overlap."""
    low, high = limits
    shown = [step for step in named if step in lines and np.isfinite(lines[step]).all()]
    ends = [np.log10(max(float(lines[step][-1]), 10**low)) for step in shown]
    heights = spread([(end - low) / (high - low) for end in ends], 0.08) if shown else []
    for step, height in zip(shown, heights, strict=True):
        label(figure, f"step {step:,}", height, palette, bold=step == shown[-1])


def label(figure: go.Figure, text: str, height: float, palette: Palette, *, bold: bool = False) -> None:
    """Words right of the plot, `height` from 0 to 1."""
    figure.add_annotation(
        text=f"<b>{text}</b>" if bold else text,
        x=1,
        xref="paper",
        xanchor="left",
        xshift=8,
        y=min(max(height, 0.0), 1.0),
        yref="paper",
        yanchor="middle",
        align="left",
        showarrow=False,
        font={"color": palette.text, "size": 15},
    )


def heads_born(
    steps: Sequence[int], curves: Mapping[str, tuple[np.ndarray, str]], chosen: int | None, palette: Palette
) -> go.Figure:
    """The best score of any head (N,) at each checkpoint, for each job; named with the best one at last."""
    figure = blank(palette, x="optimizer step", y="best score of any head", height=400)
    ends = [float(np.nan_to_num(values[-1])) for values, _ in curves.values()]
    heights = spread([end / 1.05 for end in ends], 0.14)
    colours = (palette.categories[4], palette.value)
    for (job, (values, head)), colour, height in zip(curves.items(), colours, heights, strict=False):
        figure.add_scatter(
            x=list(steps),
            y=values,
            mode="lines+markers",
            line={"color": colour, "width": 3.5},
            marker={"size": 8},
            hovertemplate=f"step %{{x}}: {job} %{{y:.2f}}<extra></extra>",
        )
        label(figure, f'<span style="color:{colour}">●</span> {job}:<br>{head}', height, palette)
    if chosen is not None:
        line, along = {"color": palette.text, "width": 1.5, "dash": "dash"}, {"y0": 0, "y1": 1}
        figure.add_shape(type="line", x0=chosen, x1=chosen, yref="y domain", line=line, **along)
    figure.update_yaxes(range=[0, 1.05])
    figure.update_xaxes(rangemode="tozero")
    figure.update_layout(margin={"r": 160})
    return figure


def part_norms(norms: Mapping[str, float], palette: Palette) -> go.Figure:
    """Length of the gradient in each part of the model, in its order, as bars."""
    values = [value if np.isfinite(value) else np.nan for value in norms.values()]
    figure = blank(palette, x="length of the gradient", y="", height=90 + 34 * len(norms))
    figure.add_bar(
        x=values,
        y=list(norms),
        orientation="h",
        marker={"color": palette.residual},
        text=[f"{value:.3g}" for value in norms.values()],
        textposition="auto",
        textangle=0,
        hovertemplate="%{y}: %{x:.4g}<extra></extra>",
    )
    figure.update_yaxes(autorange="reversed", nticks=len(norms) + 1, tickfont={"family": MONO, "size": 13})
    figure.update_xaxes(rangemode="tozero")
    return figure


def last_norms(steps: Sequence[int], norms: np.ndarray, palette: Palette) -> go.Figure:
    """The last lengths of the gradient (N,) before the end, on a log axis; crosses where it was no number."""
    figure = blank(palette, x="optimizer step", y="gradient norm", height=260)
    good = np.isfinite(norms) & (norms > 0)
    low, high = log_range([norms])
    figure.add_scatter(
        x=list(steps),
        y=np.where(good, norms, np.nan),
        mode="lines+markers",
        line={"color": palette.key, "width": 3},
        marker={"size": 7},
        hovertemplate="step %{x}: %{y:.3g}<extra></extra>",
    )
    figure.add_scatter(
        x=np.asarray(steps)[~good],
        y=np.full(int((~good).sum()), 10 ** (low + 0.94 * (high - low))),
        mode="markers+text",
        marker={"symbol": "x", "size": 13, "color": palette.key},
        text=["no number"] * int((~good).sum()),
        textposition="middle left",
        hovertemplate="step %{x}: no number<extra></extra>",
    )
    every = max(1, round((high - low) / 5))
    places = np.arange(np.ceil(low / every) * every, high + 0.01, every)
    ticks = {"tickvals": 10.0**places, "ticktext": [power_of_ten(p) for p in places]}
    figure.update_yaxes(type="log", range=[low, high], **ticks)
    figure.update_xaxes(nticks=5, tickformat="d", range=[min(steps) - 0.5, max(steps) + 0.5], zeroline=False)
    return figure


def shade(scale: Scale, share: float) -> str:
    """The colour of a scale at a share from 0 to 1, between its two nearest."""
    at = min(max(share, 0.0), 1.0) * (len(scale) - 1)
    first = min(int(at), len(scale) - 2)
    pair = [[int(scale[first + i][1][1 + 2 * n : 3 + 2 * n], 16) for n in range(3)] for i in (0, 1)]
    mixed = [round(a + (b - a) * (at - first)) for a, b in zip(*pair, strict=True)]
    return "#" + "".join(f"{channel:02x}" for channel in mixed)
