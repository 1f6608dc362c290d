"""From a vector to a probability: dot products, softmax, and what each layer has added to a logit."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from views.figures.base import add_cell_targets, blank, frame_cell, plain, room_for, visible
from views.figures.probabilities import name_rows
from views.theme import Palette

MOST_LABELLED = 16  # bars that can carry their number
MOST_CELLS = 64  # squares that can


@dataclass(frozen=True)
class Addition:
    """One part of a model, and what it adds to a logit."""

    name: str
    kind: str  # a key of KINDS
    value: float


KINDS = {  # and the role that gives its colour
    "embedding": "residual",
    "attention": "query",
    "feed-forward": "value",
    "final norm": "key",
    "edits": "validation",
}


def logit_bars(
    tokens: Sequence[str], logits: np.ndarray, probs: np.ndarray, chosen: int, palette: Palette
) -> go.Figure:
    """Logits and what softmax makes of them, side by side; (K,) each, probs in 0..1, row `chosen` deep."""
    left = room_for(map(visible, tokens))
    figure = blank(palette, x="logit", y="", height=100 + 34 * len(tokens), left=left)
    style = figure.axis("xaxis") | {"title": {"text": "probability (%)", "standoff": 8}}
    places, deep = np.arange(len(tokens)), np.arange(len(tokens)) == chosen
    panels = ((logits, "x", "{:.2f}", "logit"), (100 * probs, "x2", "{:.1f}", "probability"))
    for values, axis, form, name in panels:
        figure.add_bar(
            y=places,
            x=values,
            xaxis=axis,
            orientation="h",
            marker={"color": np.where(deep, palette.query, palette.residual)},
            text=[form.format(value) for value in values],
            textposition="outside",
            textangle=0,
            constraintext="none",
            cliponaxis=False,
            customdata=plain(tokens),
            hovertemplate=f"%{{customdata}}: {name} %{{x:.3f}}<extra></extra>",
        )
    low, high = min(0.0, float(logits.min())), max(0.0, float(logits.max()))
    room = 0.22 * (high - low or 1.0)
    left_range, right_range = [low - room * (low < 0), high + room], [0, 122 * float(probs.max())]
    figure.update_layout(
        xaxis={"domain": [0, 0.47], "range": left_range, "nticks": 5},
        xaxis2=style | {"domain": [0.55, 1], "anchor": "y", "range": right_range, "nticks": 5},
    )
    name_rows(figure, tokens)
    return figure


def dot_product(vector: np.ndarray, row: np.ndarray, token: str, palette: Palette) -> go.Figure:
    """A final vector, a row of the output matrix, and their products, (C,) each, as three strips of colour.

    Each strip has its own scale, centred on 0; the sum of the third is the logit.
    """
    strips = [vector, row, vector * row]
    names = ["final vector", f"output row of {plain([token])[0]}", "products"]
    shown = np.stack([strip / (float(np.abs(strip).max()) or 1.0) for strip in strips])
    figure = blank(palette, x="dimension", y="", height=300, left=room_for(names) - 12)
    figure.add_heatmap(
        z=shown.astype(np.float32),
        customdata=np.stack(strips).astype(np.float32),
        colorscale=palette.diverging,
        zmin=-1,
        zmax=1,
        ygap=10,
        showscale=False,
        hovertemplate="dimension %{x}: %{customdata:.4f}<extra></extra>",
    )
    places = [0, 1, 2]
    figure.update_yaxes(
        tickmode="array", tickvals=places, ticktext=names, autorange="reversed", showgrid=False
    )
    figure.update_xaxes(showgrid=False)
    return figure


def logit_steps(parts: Sequence[Addition], palette: Palette) -> go.Figure:
    """What each part of the model adds to one logit, each bar beginning where the one before it ended."""
    values = np.array([part.value for part in parts])
    ends = values.cumsum()
    figure = blank(palette, x="", y="logit so far", height=400, legend=True, left=64)
    for kind, role in KINDS.items():
        own = [i for i, part in enumerate(parts) if part.kind == kind]
        if not own:
            continue
        figure.add_bar(
            x=own,
            y=values[own],
            base=(ends - values)[own].tolist(),
            name=kind,
            marker={"color": getattr(palette, role), "line": {"width": 0}},
            width=0.8,
            text=[f"{values[i]:+.2f}" for i in own] if len(parts) < MOST_LABELLED else None,
            textposition="outside",
            textangle=0,
            constraintext="none",
            cliponaxis=False,
            customdata=[parts[i].name for i in own],
            hovertemplate="%{customdata}: %{y:+.3f}<extra></extra>",
        )
    add_total(figure, len(parts), float(ends[-1]), palette)
    name_parts(figure, parts)
    return figure


def add_total(figure: go.Figure, place: int, total: float, palette: Palette) -> None:
    """The sum, as the last bar."""
    figure.add_bar(
        x=[place],
        y=[total],
        name="logit",
        marker={"color": palette.text},
        width=0.8,
        text=[f"<b>{total:.2f}</b>"],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="the logit: %{y:.3f}<extra></extra>",
    )


def name_parts(figure: go.Figure, parts: Sequence[Addition]) -> None:
    """Write every part's name below its bar, or each block's number if there are many."""
    names = [*(part.name for part in parts), "<b>logit</b>"]
    few = len(parts) < MOST_LABELLED
    every = 1 if few else max(1, len(parts) // 12)
    places = [i for i in range(len(names)) if few or i % every == 0 or i == len(parts)]
    figure.update_xaxes(
        tickmode="array", tickvals=places, ticktext=[names[i] for i in places], showgrid=False, tickangle=-45
    )
    figure.update_layout(barmode="overlay", margin={"t": 64, "b": 84})


def head_squares(values: np.ndarray, chosen: tuple[int, int], palette: Palette) -> go.Figure:
    """What each head adds to one logit: (L, H), signed, centred on 0; the chosen (layer, head) framed."""
    limit = float(np.abs(values).max()) or 1.0
    layers, heads = values.shape
    written = values.size <= MOST_CELLS
    figure = blank(palette, x="head", y="layer", height=min(560, 130 + 44 * layers), left=52)
    figure.add_heatmap(
        z=values.astype(np.float32),
        colorscale=palette.diverging,
        zmin=-limit,
        zmax=limit,
        xgap=2,
        ygap=2,
        texttemplate="%{z:.2f}" if written else None,
        textfont={"size": 14},
        showscale=not written,
        colorbar={"title": {"text": "adds"}, "thickness": 12, "nticks": 5},
    )
    told = [f"{value:+.3f}" for value in values.flat]
    add_cell_targets(figure, values.shape, told, "layer %{y}, head %{x}: %{customdata}<extra></extra>")
    frame_cell(figure, chosen, palette)
    whole = {"showgrid": False, "zeroline": False, "dtick": 1}
    figure.update_yaxes(**whole | {"dtick": max(1, layers // 12)})
    figure.update_xaxes(**whole | {"dtick": max(1, heads // 12)})
    return figure
