"""How many tokens a text costs."""

from collections.abc import Sequence

import plotly.graph_objects as go

from views.figures.base import blank
from views.theme import Palette


def token_counts(names: Sequence[str], counts: Sequence[int], characters: int, palette: Palette) -> go.Figure:
    """Bars of the number of tokens that each encoding makes of one text of `characters` characters."""
    figure = blank(palette, x="tokens", y="", height=70 + 44 * len(names))
    refused = "refused: an unknown word" if characters else ""
    shares = [f"{count:,} · {count / characters:.2f} per character" if count else refused for count in counts]
    figure.add_bar(
        x=list(counts),
        y=list(names),
        orientation="h",
        marker={"color": palette.query},
        text=shares,
        textposition=["auto" if count else "outside" for count in counts],
        hovertemplate="%{y}: %{text}<extra></extra>",
    )
    figure.update_yaxes(autorange="reversed")
    figure.update_xaxes(rangemode="tozero")
    return figure
