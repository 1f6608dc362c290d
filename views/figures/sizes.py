"""Models side by side, by what they are made of; and what one takes in memory."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from views.figures.anatomy import colour_of, ink_on, short
from views.figures.base import blank
from views.theme import Palette


def shares_by_size(models: Mapping[str, Mapping[str, int]], chosen: str, palette: Palette) -> go.Figure:
    """Each model's numbers as a bar of 100 %: model -> part -> count, all blocks together."""
    figure = blank(palette, x="share of all learned numbers (%)", y="", height=90 + 44 * len(models))
    totals = {name: sum(parts.values()) for name, parts in models.items()}
    names = [f"<b>{name}</b>" if name == chosen else name for name in models]
    for part in dict.fromkeys(part for parts in models.values() for part in parts):
        values = np.array([100 * parts.get(part, 0) / totals[name] for name, parts in models.items()])
        colour = colour_of(part, palette)
        figure.add_bar(
            y=names,
            x=values,
            orientation="h",
            name=part,
            marker={"color": colour, "line": {"width": 0}},
            text=[f"{value:.0f}" if value >= 6 else "" for value in values],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            insidetextfont={"color": ink_on(colour), "size": 14},
            customdata=[short(parts.get(part, 0)) for parts in models.values()],
            hovertemplate="%{y}: %{customdata}, %{x:.1f} %<extra>" + part + "</extra>",
        )
    figure.update_layout(barmode="stack", bargap=0.25)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(range=[0, 100])
    return figure


def memory_bars(rows: Sequence[tuple[str, int, str]], palette: Palette) -> go.Figure:
    """What takes how much memory: name, bytes, formula."""
    mebibytes = [size / 2**20 for _, size, _ in rows]
    figure = blank(palette, x="memory (MiB)", y="", height=90 + 44 * len(rows))
    figure.add_bar(
        y=[name for name, _, _ in rows],
        x=mebibytes,
        orientation="h",
        marker={"color": [palette.query] + [palette.residual] * (len(rows) - 1)},
        text=[f"{value:,.1f}" if value < 1000 else f"{value:,.0f}" for value in mebibytes],
        textposition="outside",
        cliponaxis=False,
        constraintext="none",
        customdata=[formula for _, _, formula in rows],
        hovertemplate="%{y}: %{x:,.2f} MiB, %{customdata}<extra></extra>",
    )
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(range=[0, 1.25 * max(mebibytes)], nticks=5)
    return figure
