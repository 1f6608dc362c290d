"""The work of attention against that of everything else, by the length of the text."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from views.figures.base import blank
from views.theme import Palette


@dataclass(frozen=True)
class CostCurve:
    """Multiplications of one model by length of text: (N,) each."""

    name: str
    attention: np.ndarray
    rest: np.ndarray
    crossover: float  # tokens
    level: float  # multiplications of either there


def cost_curves(lengths: np.ndarray, curves: Sequence[CostCurve], chosen: int, palette: Palette) -> go.Figure:
    """Two lines a model on logarithmic axes, the point where they cross, and the chosen length."""
    figure = blank(
        palette,
        x="length of the text (tokens)",
        y="multiplications, each with an addition",
        height=430,
        legend=True,
    )
    for curve, dash in zip(curves, ("solid", "dash"), strict=False):
        parts = (("attention", curve.attention, palette.query), ("all else", curve.rest, palette.residual))
        for part, values, colour in parts:
            figure.add_scatter(
                x=lengths,
                y=values,
                mode="lines",
                name=f"{part}, {curve.name}",
                showlegend=True,
                line={"color": colour, "width": 4, "dash": dash},
                hovertemplate=f"{part}, {curve.name}: %{{y:.2e}} for %{{x:,}} tokens<extra></extra>",
            )
        highest = curve.level == max(one.level for one in curves)
        mark_crossing(figure, curve, "top left" if highest else "bottom right", palette)
    figure.add_shape(
        type="line",
        x0=chosen,
        x1=chosen,
        y0=0,
        y1=1,
        yref="paper",
        line={"color": palette.text, "width": 2, "dash": "dot"},
    )
    figure.update_xaxes(type="log", tickmode="array", tickvals=lengths[::3], ticktext=names(lengths[::3]))
    figure.update_yaxes(type="log", exponentformat="power", nticks=7)
    return figure


def mark_crossing(figure: go.Figure, curve: CostCurve, where: str, palette: Palette) -> None:
    """Where attention costs as much as all else; the words stand where no line is."""
    figure.add_scatter(
        x=[curve.crossover],
        y=[curve.level],
        mode="markers+text",
        name=f"equal, {curve.name}",
        marker={"color": palette.key, "size": 14},
        text=[f"  equal at {curve.crossover:,.0f}  "],
        textposition=where,
        textfont={"color": palette.text, "size": 16},
        showlegend=False,
        hovertemplate=f"{curve.name}: equal at %{{x:,.0f}} tokens<extra></extra>",
    )


def names(lengths: Sequence[int]) -> list[str]:
    """Lengths as people write them."""
    return [f"{length:,}" for length in lengths]
