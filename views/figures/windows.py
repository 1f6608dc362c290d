"""Windows over a text: where they lie, how often each token is a target, and a batch of them."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from views.figures.base import MONO, blank, named, plain, ticks
from views.theme import Palette, even_scale


def windows_over_text(
    starts: Sequence[int],
    context_length: int,
    counts: np.ndarray,
    tokens: Sequence[str],
    palette: Palette,
    *,
    cut: int,
    chosen: int,
) -> go.Figure:
    """Two pictures on one axis of tokens: every window with its inputs and targets, and the counts (T,).

    From the token `cut` on the text is for validation. `chosen` is the window that stands out.
    """
    lanes = min(340, max(110, 30 * len(starts)))
    height = lanes + 290
    figure = blank(palette, x="token", y="window", height=height, legend=True)
    below = 160 / height
    style = figure.axis("yaxis") | {"zeroline": False, "tickformat": "d"}
    upper = {"domain": [below + 0.06, 1], "range": [len(starts) - 0.5, -0.5], "dtick": tick_step(len(starts))}
    lower = {"domain": [0, below], "rangemode": "tozero", "dtick": tick_step(int(counts.max(initial=1)), 4)}
    figure.update_layout(barmode="overlay", yaxis=style | upper, yaxis2=named(style | lower, "times"))
    figure.update_xaxes(
        anchor="y2",
        range=[-0.7, len(tokens) - 0.3],
        showgrid=False,
        tickangle=-60,
        tickfont={"family": MONO, "size": 13},
        **ticks(plain(tokens)),
    )
    add_lanes(figure, np.asarray(starts), context_length, palette, cut=cut, chosen=chosen)
    add_counts(figure, counts, tokens, palette, cut)
    mark_cut(figure, cut, len(tokens), palette)
    return figure


def tick_step(count: int, most: int = 8) -> int:
    """The whole number between ticks that leaves at most `most` of them."""
    return max(1, -(-count // most))


def part_colours(places: np.ndarray, cut: int, palette: Palette) -> np.ndarray:
    """Blue for what is learned from, orange for what is kept for validation."""
    return np.where(places < cut, palette.train, palette.validation)


def add_lanes(
    figure: go.Figure, starts: np.ndarray, length: int, palette: Palette, *, cut: int, chosen: int
) -> None:
    """Each window as two bars: its inputs, and one token further right its targets."""
    rows = np.arange(len(starts))
    strong = np.where(rows == chosen, 1.0, 0.45)
    for name, shift, up, colour in (
        ("inputs", 0, -0.4, palette.residual),
        ("targets", 1, 0.02, part_colours(starts, cut, palette)),
    ):
        figure.add_bar(
            y=rows,
            x=np.full(len(rows), length),
            base=(starts + shift - 0.5).tolist(),
            offset=up,
            width=0.38,
            orientation="h",
            name=name,
            showlegend=False,
            marker={"color": colour, "opacity": strong, "line": {"width": 0}},
            customdata=np.stack([starts + shift, starts + shift + length - 1], axis=1),
            hovertemplate=f"window %{{y}}, {name}: %{{customdata[0]}} to %{{customdata[1]}}<extra></extra>",
        )
    keys = {"inputs": palette.residual, "targets": palette.train, "targets, validation": palette.validation}
    for name, colour in keys.items():  # a legend in the parts' colours
        figure.add_bar(x=[None], y=[None], orientation="h", name=name, marker={"color": colour})


def add_counts(
    figure: go.Figure, counts: np.ndarray, tokens: Sequence[str], palette: Palette, cut: int
) -> None:
    """How many windows ask for each token; a ring where none does."""
    places = np.arange(len(counts))
    figure.add_bar(
        x=places,
        y=counts,
        yaxis="y2",
        width=0.8,
        showlegend=False,
        marker={"color": part_colours(places, cut, palette), "line": {"width": 0}},
        customdata=plain(tokens),
        hovertemplate="%{customdata}: a target %{y} times<extra></extra>",
    )
    figure.add_scatter(
        x=places[counts == 0],
        y=np.zeros(int((counts == 0).sum())),
        yaxis="y2",
        mode="markers",
        name="never a target",
        cliponaxis=False,
        marker={"symbol": "circle-open", "size": 9, "color": palette.key, "line": {"width": 2}},
        customdata=[name for name, count in zip(plain(tokens), counts, strict=True) if count == 0],
        hovertemplate="%{customdata}: never a target<extra></extra>",
    )


def mark_cut(figure: go.Figure, cut: int, tokens: int, palette: Palette) -> None:
    """The line between what is learned from and what is not."""
    if 0 < cut < tokens:
        line = {"color": palette.validation, "width": 3}
        figure.add_shape(type="line", x0=cut - 0.5, x1=cut - 0.5, y0=0, y1=1, yref="paper", line=line)


def batch_matrix(
    names: Sequence[Sequence[str]],
    places: np.ndarray,
    windows: Sequence[int],
    palette: Palette,
    *,
    tokens: int,
) -> go.Figure:
    """A batch as the model gets it, inputs above targets: names and places in the text (B, T + 1).

    The deeper a cell's colour, the later in the text (of `tokens` tokens) it stands.
    """
    rows, length = len(places), places.shape[1] - 1
    gap = np.full((1, length), np.nan)
    most = max(3, 72 // length)  # signs that a cell has room for
    texts = [[name if len(name) <= most else name[: most - 1] + "…" for name in plain(row)] for row in names]
    figure = blank(palette, x="position in the window", y="", height=150 + 70 * rows)
    figure.add_heatmap(
        z=np.concatenate([places[:, :-1], gap, places[:, 1:]]).astype(np.float32),
        text=[*(row[:-1] for row in texts), [""] * length, *(row[1:] for row in texts)],
        texttemplate="%{text}",
        textfont={"family": MONO, "color": palette.text},
        colorscale=even_scale([colour for _, colour in palette.sequential[:3]]),
        zmin=0,
        zmax=max(1, tokens - 1),
        showscale=False,
        hoverongaps=False,
        xgap=3,
        ygap=3,
        hovertemplate="%{text}: token %{z} of the text<extra></extra>",
    )
    for title, row in (("inputs", -0.5), ("targets", rows + 0.5)):
        text = f"<b>{title}</b>, {rows} × {length}"
        figure.add_annotation(x=0, xref="paper", y=row, yanchor="bottom", text=text, showarrow=False)
    places_of_rows = [*range(rows), *range(rows + 1, 2 * rows + 1)]
    labels = [f"window {number}" for number in windows] * 2
    bare = {"showgrid": False, "zeroline": False}
    figure.update_yaxes(tickvals=places_of_rows, ticktext=labels, range=[2 * rows + 0.5, -1.1], **bare)
    figure.update_xaxes(dtick=1, **bare)
    return figure
