"""A training run as curves."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import plotly.graph_objects as go

from views.figures.base import blank
from views.theme import Palette

MOST_POINTS = 600  # on one curve; more than a screen shows


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


def loss_figure(curves: Curves, steps: int, palette: Palette) -> go.Figure:
    """Loss by step: each batch pale, both evaluations strong, levels to compare with dotted."""
    figure = blank(palette, x="optimizer step", y="loss (nats per token)", height=430, legend=True)
    places, losses = thinned(curves.steps, curves.losses)
    figure.add_scattergl(
        x=places,
        y=losses,
        mode="lines",
        name="each batch",
        line={"color": palette.residual, "width": 1},
        opacity=0.5,
    )
    for name, values, colour in (
        ("training text", curves.train, palette.train),
        ("validation text", curves.validation, palette.validation),
    ):
        figure.add_scatter(
            x=curves.eval_steps, y=values, mode="lines+markers", name=name, line={"color": colour, "width": 3}
        )
    add_marks(figure, curves, palette)
    figure.update_traces(hovertemplate="step %{x}: %{y:.3f} nats<extra>%{fullData.name}</extra>")
    figure.update_xaxes(range=[0, max(1, steps)])
    figure.update_yaxes(rangemode="tozero")
    return figure


def add_marks(figure: go.Figure, curves: Curves, palette: Palette) -> None:
    """Dotted lines at losses to compare with, named where no curve is; of two that lie together, one."""
    highest = np.nanmax([*curves.losses, *curves.validation, *curves.marks.values(), 0.0])
    drawn: list[float] = []
    for name, level in curves.marks.items():
        if any(abs(level - other) < 0.08 * highest for other in drawn):
            continue
        beaten = not curves.validation.size or curves.validation[-1] <= level
        figure.add_hline(
            y=level,
            line={"dash": "dot", "color": palette.residual},
            annotation_text=name,
            annotation_position="top right" if beaten else "bottom right",
        )
        drawn.append(level)


def small_curve(
    steps: Sequence[int], values: np.ndarray, palette: Palette, *, name: str, log: bool = False
) -> go.Figure:
    """One quantity by step, small: (N,)."""
    places, values = thinned(np.asarray(steps), values)
    figure = blank(palette, x="optimizer step", y=name, height=220)
    figure.add_scattergl(x=places, y=values, mode="lines", line={"color": palette.residual, "width": 2})
    figure.update_traces(hovertemplate="step %{x}: %{y:.3g}<extra></extra>")
    figure.update_yaxes(nticks=4, exponentformat="power", title={"font": {"size": 14}})
    if log:
        levels = [ten * one for ten in 10.0 ** np.arange(-6, 10) for one in (1, 3)]
        figure.update_yaxes(type="log", tickvals=levels, ticktext=[f"{level:.6g}" for level in levels])
    return figure


def thinned(steps: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """At most MOST_POINTS points of a curve, the last one kept: both (N,) -> (M,)."""
    every = max(1, -(-len(steps) // MOST_POINTS))
    kept = np.arange(len(steps) - 1, -1, -every)[::-1]
    return steps[kept], values[kept].astype(np.float32)
