"""A training run as curves."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import plotly.graph_objects as go

from views.figures.base import blank
from views.theme import Palette

MOST_POINTS = 600  # on one curve; more than a screen shows
HIGHEST = 5  # times the loss of pure guessing: what lies above would press all else to the ground


@dataclass(frozen=True)
class Curves:
    """What a run has reported so far, as arrays."""

    steps: np.ndarray  # (N,) of each update
    losses: np.ndarray  # (N,) nats, on that update's batch
    grad_norms: np.ndarray  # (N,)
    learning_rates: np.ndarray  # (N,)
    eval_steps: np.ndarray  # (M,)
    train: np.ndarray  # (M,) nats, on fixed windows of the training text
    validation: np.ndarray  # (M,) nats, on text never trained on
    marks: dict[str, float] = field(default_factory=dict)  # losses to compare with, by name


def loss_figure(
    curves: Curves,
    steps: int,
    palette: Palette,
    *,
    chosen: int | None = None,
    changes: Sequence[tuple[int, float]] = (),
    names: tuple[str, str] = ("training text", "validation text"),
    unit: str = "token",
) -> go.Figure:
    """Loss by step: each batch pale, both evaluations strong, levels to compare with dotted.

    Marked are the best evaluation, the `chosen` checkpoint, and `changes` of the learning rate (step, rate).
    """
    figure = blank(palette, x="optimizer step", y=f"loss (nats per {unit})", height=430, legend=True)
    places, losses = thinned(curves.steps, curves.losses)
    figure.add_scatter(
        x=places,
        y=losses,
        mode="lines",
        name="each batch",
        line={"color": palette.residual, "width": 1 if curves.validation.size > 1 else 3},
        opacity=0.5 if curves.validation.size > 1 else 1,
    )
    for name, values, colour in zip(
        names, (curves.train, curves.validation), (palette.train, palette.validation), strict=True
    ):
        figure.add_scatter(
            x=curves.eval_steps, y=values, mode="lines+markers", name=name, line={"color": colour, "width": 3}
        )
    figure.update_traces(hovertemplate="step %{x}: %{y:.3f} nats<extra>%{fullData.name}</extra>")
    add_marks(figure, curves, palette)
    add_best(figure, curves, steps, palette)
    for step, rate in changes:
        upright(figure, step / max(1, steps), f"rate {rate:.3g}", palette.residual, "dot", top=True)
    if chosen is not None:
        upright(figure, chosen / max(1, steps), f"checkpoint {chosen:,}", palette.text, "dash", top=False)
    figure.update_xaxes(range=[0, max(1, steps)])
    set_height(figure, curves, palette)
    return figure


def add_best(figure: go.Figure, curves: Curves, steps: int, palette: Palette) -> None:
    """A ring around the lowest validation loss, if there are several to choose from."""
    if curves.validation.size < 2 or not np.isfinite(curves.validation).any():
        return
    best = int(np.nanargmin(curves.validation))
    late = curves.eval_steps[best] > 0.6 * steps
    figure.add_scatter(
        x=[curves.eval_steps[best]],
        y=[curves.validation[best]],
        mode="markers+text",
        marker={"symbol": "circle-open", "size": 18, "color": palette.text, "line": {"width": 2.5}},
        text=[f"best: {curves.validation[best]:.2f}"],
        textposition="top left" if late else "top right",
        textfont={"color": palette.text, "size": 15},
        showlegend=False,
        hovertemplate="lowest validation loss, step %{x}: %{y:.3f} nats<extra></extra>",
    )


def upright(figure: go.Figure, place: float, text: str, colour: str, dash: str, *, top: bool) -> None:
    """A vertical line at a place from 0 to 1, with its name at the top or at the bottom."""
    figure.add_shape(
        type="line",
        x0=place,
        x1=place,
        xref="paper",
        y0=0,
        y1=1,
        yref="paper",
        line={"color": colour, "width": 1.5, "dash": dash},
    )
    figure.add_annotation(
        x=place,
        xref="paper",
        y=1 if top else 0.07,  # what has been learned by heart costs next to nothing: its curve is below
        yref="paper",
        yanchor="top" if top else "bottom",
        xanchor="left" if place < 0.7 else "right",
        xshift=3 if place < 0.7 else -3,
        text=text,
        showarrow=False,
        font={"size": 14},
    )


def set_height(figure: go.Figure, curves: Curves, palette: Palette) -> None:
    """From 0 up; of a loss that has exploded only the lower part, with a word on how far it went."""
    highest, most = highest_of(curves), HIGHEST * max(curves.marks.values(), default=np.inf)
    if highest <= most:
        figure.update_yaxes(rangemode="tozero")
        return
    figure.update_yaxes(range=[0, most])
    figure.add_annotation(
        x=0.5,
        xref="paper",
        y=1,
        yref="paper",
        yanchor="top",
        showarrow=False,
        text=f"↑ the loss went up to {highest:,.4g}",
        font={"color": palette.key, "size": 15},
    )


def highest_of(curves: Curves) -> float:
    """The highest loss that is a number, and at least that of guessing."""
    values = np.array([*curves.losses, *curves.validation, *curves.marks.values(), 0.0])
    return float(values[np.isfinite(values)].max())


def add_marks(figure: go.Figure, curves: Curves, palette: Palette) -> None:
    """Dotted lines at losses to compare with, named where no curve is; of two that lie together, one."""
    highest = min(highest_of(curves), HIGHEST * max(curves.marks.values(), default=1.0))
    drawn: list[float] = []
    for name, level in curves.marks.items():
        if any(abs(level - other) < 0.08 * highest for other in drawn):
            continue
        beaten = not curves.validation.size or curves.validation[-1] <= level
        line, across = {"dash": "dot", "color": palette.residual}, {"xref": "x domain", "yref": "y"}
        figure.add_shape(type="line", x0=0, x1=1, y0=level, y1=level, line=line, **across)
        place = {"x": 1, "y": level, "xanchor": "right", "yanchor": "bottom" if beaten else "top"}
        figure.add_annotation(text=name, showarrow=False, **place, **across)
        drawn.append(level)


def small_curve(
    steps: Sequence[int], values: np.ndarray, palette: Palette, *, name: str, log: bool = False
) -> go.Figure:
    """One quantity by step, small: (N,)."""
    places, values = thinned(np.asarray(steps), values)
    figure = blank(palette, x="optimizer step", y=name, height=220)
    figure.add_scatter(x=places, y=values, mode="lines", line={"color": palette.residual, "width": 2})
    figure.update_traces(hovertemplate="step %{x}: %{y:.3g}<extra></extra>")
    figure.update_yaxes(nticks=4, exponentformat="power", title={"font": {"size": 14}})
    figure.update_xaxes(nticks=4, tickangle=0)
    if log:
        good = values[np.isfinite(values) & (values > 0)]
        wide = good.size and good.max() / good.min() > 100
        levels = [ten * one for ten in 10.0 ** np.arange(-6, 10) for one in ((1,) if wide else (1, 2, 5))]
        figure.update_yaxes(type="log", tickvals=levels, ticktext=[f"{level:.6g}" for level in levels])
    return figure


def thinned(steps: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """At most MOST_POINTS points of a curve, the last one kept: both (N,) -> (M,)."""
    every = max(1, -(-len(steps) // MOST_POINTS))
    kept = np.arange(len(steps) - 1, -1, -every)[::-1]
    return steps[kept], values[kept].astype(np.float32)
