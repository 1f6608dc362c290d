"""A sum of words as arrows on a flat sheet."""

import html
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go

from views.figures.base import MONO, blank
from views.theme import Palette

TURNS = ("top center", "bottom center", "middle right", "middle left")  # where labels stand, to cover less


class Spot(NamedTuple):
    """A word on the sheet of a sum; its role is one of SPOTS. Only of near words there may be several."""

    name: str
    role: str
    x: float
    y: float


SPOTS = {  # and the role that gives each its colour
    "near": "residual",
    "best": "query",
    "minus": "residual",
    "plus": "residual",
    "start": "query",
    "sum": "key",
}


def word_sum(spots: Sequence[Spot], palette: Palette) -> go.Figure:
    """A sum of words on the sheet that three of them span, and what lies near the sum.

    The arrow from what is taken away to what is added is laid at the start again: it ends at the sum.
    """
    figure = blank(palette, x="from what is taken away to what is added", y="across", height=470)
    for role, colour in SPOTS.items():
        own, large = [spot for spot in spots if spot.role == role], role != "near"
        figure.add_scatter(
            x=[spot.x for spot in own],
            y=[spot.y for spot in own],
            mode="markers+text",
            text=[html.escape(spot.name) for spot in own],
            textposition=sides(np.array([spot.x for spot in own])),
            textfont={"family": MONO, "size": 19 if large else 14, "color": palette.text},
            marker={"color": getattr(palette, colour), "size": 14 if large else 7},
            cliponaxis=False,
            name=role,
            hoverinfo="skip",
        )
    place = {spot.role: np.array([spot.x, spot.y]) for spot in spots if spot.role != "near"}
    for tail, head in (("minus", "plus"), ("start", "sum")):
        add_arrow(figure, place[tail], place[head], palette.key)
    if "best" in place:
        add_arrow(figure, place["start"], place["best"], palette.query, 1.5)
    figure.update_yaxes(scaleanchor="x", nticks=5)
    figure.update_xaxes(nticks=6)
    return figure


def sides(x: np.ndarray) -> list[str]:
    """Where to write each label, (N,): by turns from left to right, so that fewer cover each other."""
    turns = np.empty(len(x), dtype=int)
    turns[np.argsort(x)] = np.arange(len(x)) % len(TURNS)
    return [TURNS[turn] for turn in turns]


def add_arrow(figure: go.Figure, tail: np.ndarray, head: np.ndarray, colour: str, width: float = 3) -> None:
    """An arrow between two points (2,) of a plot."""
    figure.add_annotation(
        x=float(head[0]),
        y=float(head[1]),
        ax=float(tail[0]),
        ay=float(tail[1]),
        xref="x",
        yref="y",
        axref="x",
        ayref="y",
        showarrow=True,
        arrowhead=2,
        arrowsize=1.2,
        arrowwidth=width,
        arrowcolor=colour,
        text="",
    )
