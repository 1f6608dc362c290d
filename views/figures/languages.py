"""What the same sentence costs in different languages."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from views.figures.base import blank
from views.theme import Palette

SYMBOLS = ("circle", "diamond", "square", "triangle-up", "x")


def language_costs(
    languages: Sequence[str], costs: Mapping[str, Sequence[float | None]], palette: Palette
) -> go.Figure:
    """Tokens per character of one sentence in each language (N,), one mark for each encoding (N,).

    None is a text that the encoding refuses. The dashed line is what single characters cost.
    """
    height = 140 + 46 * len(languages)
    figure = blank(palette, x="tokens per character", y="", height=height, legend=True)
    for place, row in enumerate(zip(*costs.values(), strict=True)):
        known = [value for value in row if value is not None]
        if known:  # from the cheapest encoding to the dearest
            ends = {"x0": min(known), "x1": max(known), "y0": place, "y1": place}
            figure.add_shape(type="line", **ends, line={"color": palette.faint, "width": 6}, layer="below")
    for number, (name, values) in enumerate(costs.items()):
        if not any(values):
            continue
        figure.add_scatter(
            x=list(values),
            y=list(range(len(languages))),
            mode="markers",
            name=name,
            marker={"size": 14, "symbol": SYMBOLS[number], "color": palette.categories[number]},
            customdata=list(languages),
            hovertemplate=f"%{{customdata}}, {name}: %{{x:.2f}} tokens per character<extra></extra>",
        )
    figure.add_vline(
        x=1,
        line={"color": palette.residual, "dash": "dash", "width": 1.5},
        annotation={"text": "characters", "font": {"color": palette.text}, "yanchor": "bottom", "y": 0},
        annotation_position="bottom right",
    )
    places = {"tickvals": list(range(len(languages))), "ticktext": list(languages)}
    figure.update_yaxes(tickmode="array", **places, autorange="reversed", showgrid=False, zeroline=False)
    figure.update_xaxes(rangemode="tozero")
    return figure
