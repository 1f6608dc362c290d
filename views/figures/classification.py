"""Pictures of a model that sorts texts: what moved in it, its answer, and what it mistakes for what."""

import html
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from views.figures.base import MONO, blank
from views.theme import Palette

FEW = 12  # blocks whose numbers can be written into their cells
ROW = 34  # pixels
BEFORE = ("tokens", "positions")  # parts around the blocks that come before them


def as_text(names: Sequence[str]) -> list[str]:
    """Names that people gave, which plotly would read as HTML."""
    return [html.escape(name, quote=False) for name in names]


def name_places(update: Callable, names: Sequence[str]) -> None:
    """Write a name beside every row or below every column."""
    places = {"tickmode": "array", "tickvals": list(range(len(names))), "ticktext": as_text(names)}
    update(**places, tickfont={"size": 15}, showgrid=False, zeroline=False)


def moved_map(
    blocks: np.ndarray, kinds: Sequence[str], around: Mapping[str, float], palette: Palette
) -> go.Figure:
    """How far weights moved, in shares of their size: (L, kinds) of the blocks, and by name around them.

    What lies around the blocks is as wide as the picture: it is one part.
    """
    first = [name for name in around if name in BEFORE]
    last = [name for name in around if name not in BEFORE]
    names = [*first, *(f"block {layer}" for layer in range(len(blocks))), *last]
    values = np.nan_to_num(100 * np.concatenate([blocks.ravel(), list(around.values())]), posinf=0.0)
    figure = blank(palette, x="part of a block", y="", height=130 + ROW * len(names), left=110)
    scale = {"colorscale": palette.sequential, "zmin": 0.0, "zmax": max(1e-3, float(values.max()))}
    look = {"xgap": 2, "ygap": 2, "hovertemplate": "%{customdata}<extra></extra>"}
    written = {"texttemplate": "%{text}"} if len(blocks) <= FEW else {}
    figure.add_heatmap(
        z=100 * blocks,
        x=list(range(len(kinds))),
        y=list(range(len(first), len(first) + len(blocks))),
        text=[[short(value) for value in row] for row in blocks],
        customdata=[
            [f"block {layer}, {kind}: {short(value)}" for kind, value in zip(kinds, row, strict=True)]
            for layer, row in enumerate(blocks)
        ],
        name="blocks",
        colorbar={"title": {"text": "moved (%)"}, "thickness": 12, "nticks": 5},
        **scale,
        **look,
        **written,
    )
    for start, some in ((0, first), (len(first) + len(blocks), last)):
        for place, name in enumerate(some, start):
            figure.add_heatmap(
                z=[[100 * around[name]]],
                x=[-0.5, len(kinds) - 0.5],
                y=[place - 0.5, place + 0.5],
                text=[[short(around[name])]],
                customdata=[[f"{name}: {short(around[name])}"]],
                name=name,
                showscale=False,
                texttemplate="%{text}",
                **scale,
                **look,
            )
    name_places(figure.update_xaxes, kinds)
    name_places(figure.update_yaxes, names)
    figure.update_yaxes(autorange="reversed")
    return figure


def short(share: float) -> str:
    """A share of 1 in percent: exactly nothing is a 0."""
    if not np.isfinite(share):
        return "new"
    return "0" if share == 0 else f"{100 * share:.1f}%" if share >= 1e-3 else "<0.1%"


def class_bars(probs: np.ndarray, classes: Sequence[str], inks: Sequence[str], palette: Palette) -> go.Figure:
    """The probability of each class, (K,), as a bar."""
    figure = blank(palette, x="probability (%)", y="", height=90 + 44 * len(classes))
    figure.add_bar(
        x=100 * probs,
        y=as_text(classes),
        orientation="h",
        marker={"color": list(inks)},
        text=[f"{100 * share:.0f}%" for share in probs],
        textposition="outside",
        textfont={"family": MONO, "size": 18},
        cliponaxis=False,
        hovertemplate="%{y}: %{x:.1f}%<extra></extra>",
    )
    figure.update_xaxes(range=[0, 128], tickvals=[0, 25, 50, 75, 100])
    figure.update_yaxes(autorange="reversed", tickfont={"size": 18}, showgrid=False)
    return figure


def answer_by_length(
    probs: np.ndarray, name: str, *, tokens: int, length: int, ink: str, palette: Palette
) -> go.Figure:
    """The probability of one class, (longest,), by the length that a text is cut or filled up to."""
    figure = blank(palette, x="length (tokens)", y=f"probability of {as_text([name])[0]} (%)", height=300)
    longest = len(probs)
    if tokens < longest:
        along, look = {"y0": 0, "y1": 1, "yref": "y domain"}, {"fillcolor": palette.faint, "opacity": 0.5}
        figure.add_shape(type="rect", x0=tokens, x1=longest, line={"width": 0}, **along, **look)
        figure.add_annotation(
            x=longest, y=106, text="padding", showarrow=False, xanchor="right", font={"size": 14}
        )
    figure.add_scatter(
        x=list(range(1, longest + 1)),
        y=100 * probs,
        mode="lines",
        line={"color": ink, "width": 3},
        name=as_text([name])[0],
        hovertemplate="%{x} tokens: %{y:.1f}%<extra></extra>",
    )
    figure.add_scatter(
        x=[length],
        y=[100 * probs[length - 1]],
        mode="markers",
        marker={"color": ink, "size": 15, "line": {"color": palette.text, "width": 2}},
        name="now",
        hovertemplate="%{x} tokens: %{y:.1f}%<extra></extra>",
    )
    figure.update_yaxes(range=[0, 112], tickvals=[0, 25, 50, 75, 100])
    figure.update_xaxes(range=[0.5, longest + 0.5])
    return figure


def confusion(counts: np.ndarray, classes: Sequence[str], palette: Palette) -> go.Figure:
    """How many texts of each class (row) were put into each class (column): (K, K)."""
    figure = blank(palette, x="sorted as", y="really", height=150 + 62 * len(classes))
    ofs = counts.sum(axis=1, keepdims=True)
    figure.add_heatmap(
        z=counts,
        x=list(range(len(classes))),
        y=list(range(len(classes))),
        text=counts.tolist(),
        texttemplate="%{text}",
        textfont={"size": 22, "family": MONO},
        customdata=[
            [
                f"{count} of {total[0]} of {row} sorted as {column}"
                for column, count in zip(as_text(classes), line, strict=True)
            ]
            for row, line, total in zip(as_text(classes), counts, ofs, strict=True)
        ],
        colorscale=palette.sequential,
        zmin=0,
        zmax=max(1, int(counts.max())),
        showscale=False,
        xgap=3,
        ygap=3,
        hovertemplate="%{customdata}<extra></extra>",
    )
    name_places(figure.update_xaxes, classes)
    name_places(figure.update_yaxes, classes)
    figure.update_yaxes(autorange="reversed")
    return figure
