"""Runs that lie over each other: each curve named at its end, in a colour and with a sign of its own."""

import html
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from views.course import Course
from views.figures.base import blank
from views.figures.training import thinned
from views.theme import Palette

SYMBOLS = ("circle", "square", "diamond", "triangle-up", "triangle-down", "cross")  # of plotly
SIGNS = ("●", "■", "◆", "▲", "▼", "✚")  # the same in text
CURVES = {"validation": "validation loss", "training": "training loss"}  # what can be drawn strong
LETTERS = 16  # in one line of a label
HEIGHT, INNER = 430, 350  # pixels of the figure, and of the plot in it
LINE = 17  # pixels of a label's line
HEADROOM = 1.3  # times the loss that runs begin with; what diverges goes through the roof


@dataclass(frozen=True)
class Line:
    """One run to draw."""

    label: str  # what tells it apart; "" if it is alone
    course: Course
    steps: int  # of the whole run

    def strong(self, which: str) -> np.ndarray:
        """The losses that are drawn strong: (M,)."""
        return self.course.validation if which == "validation" else self.course.train


def overlay_figure(lines: Sequence[Line], palette: Palette, *, which: str = "validation") -> go.Figure:
    """Loss by step of up to six runs: evaluations strong, the batches of each run pale in the same colour."""
    figure = blank(palette, x="optimizer step", y=f"{CURVES[which]} (nats per token)", height=HEIGHT)
    top = roof(lines, which)
    for number, line in enumerate(lines):
        add_run(figure, line, number, palette, which)
    add_labels(figure, lines, palette, which, top)
    figure.update_traces(hovertemplate="step %{x}: %{y:.3f} nats<extra>%{fullData.name}</extra>")
    figure.update_xaxes(range=[0, max((line.steps for line in lines), default=1)])
    figure.update_yaxes(range=[0, top])
    return figure


def add_run(figure: go.Figure, line: Line, number: int, palette: Palette, which: str) -> None:
    """One run: pale batches, strong evaluations."""
    colour, course = palette.runs[number], line.course
    before = f"{html.escape(line.label)}: " if line.label else ""
    places, losses = thinned(course.steps, course.losses)
    figure.add_scattergl(
        x=places,
        y=losses,
        mode="lines",
        name=f"{before}each batch",
        line={"color": colour, "width": 1},
        opacity=0.25,
    )
    figure.add_scatter(
        x=course.eval_steps,
        y=line.strong(which),
        mode="lines+markers",
        name=f"{before}{CURVES[which]}",
        line={"color": colour, "width": 3},
        marker={"symbol": SYMBOLS[number], "size": 7},
    )


def roof(lines: Sequence[Line], which: str) -> float:
    """The highest loss that the axis shows: all that a run begins with, and not all that one explodes to."""
    begun = [line.strong(which)[0] for line in lines if line.course.eval_steps.size]
    seen = [loss for line in lines for loss in (*line.course.losses, *line.strong(which))]
    highest = max((loss for loss in seen if np.isfinite(loss)), default=1.0)
    begun = [loss for loss in begun if np.isfinite(loss)]
    return max(0.1, min(1.05 * highest, HEADROOM * max(begun))) if begun else max(1.0, highest)


def add_labels(figure: go.Figure, lines: Sequence[Line], palette: Palette, which: str, top: float) -> None:
    """Write each run's name where its curve ends, so that no two names lie over each other."""
    ends = {}
    for number, line in enumerate(lines):
        numbers = np.flatnonzero(np.isfinite(line.strong(which)))
        if numbers.size and line.label:
            last = numbers[-1]
            ends[number] = int(line.course.eval_steps[last]), float(min(line.strong(which)[last], top))
    texts = {number: wrapped(lines[number].label) for number in ends}
    heights = {number: end[1] for number, end in ends.items()}
    tall = {number: LINE * top / INNER * (1 + text.count("<br>")) for number, text in texts.items()}
    for number, y in spread(heights, tall, top).items():
        figure.add_annotation(
            x=ends[number][0],
            y=y,
            text=f'<span style="color:{palette.runs[number]}">{SIGNS[number]}</span> {texts[number]}',
            showarrow=False,
            xanchor="left",
            align="left",
            xshift=9,
            bgcolor=palette.background,
            opacity=0.9,
            borderpad=1,
        )
    figure.update_layout(margin={"r": room(lines)})


def wrapped(label: str) -> str:
    """A name in short lines, as plotly reads it: what a person wrote stays text."""
    return "<br>".join(html.escape(part) for part in textwrap.wrap(label, LETTERS)[:4])


def room(lines: Sequence[Line]) -> int:
    """Pixels to keep right of the plot for the names."""
    parts = [part for line in lines for part in textwrap.wrap(line.label, LETTERS)]
    return 34 + 8 * max(map(len, parts)) if parts else 16


def spread(heights: dict[int, float], tall: dict[int, float], top: float) -> dict[int, float]:
    """The same heights, moved apart as little as their labels need, all of them between 0 and `top`."""
    placed: dict[int, float] = {}
    floor = 0.0
    for number in sorted(heights, key=heights.__getitem__):
        half = tall[number] / 2
        placed[number] = max(heights[number], floor + half)
        floor = placed[number] + half
    ceiling = top
    for number in reversed(placed):  # what was pushed through the roof comes back down
        half = tall[number] / 2
        placed[number] = min(placed[number], ceiling - half)
        ceiling = placed[number] - half
    return placed
