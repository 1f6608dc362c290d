"""Matrices as heatmaps: attention's stages, embeddings."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from views.figures.base import MONO, blank, plain
from views.theme import Palette


def stage_heatmap(
    matrix: np.ndarray,
    tokens: Sequence[str],
    palette: Palette,
    *,
    unit: str,
    row: int | None = None,
    square: bool = True,
) -> go.Figure:
    """One stage of attention, a row a query: columns are keys (T, T), or dimensions (T, D) if not `square`.

    Signed numbers on the diverging scale, centred on 0; minus infinity stays empty. `row` is outlined.
    """
    labels = [
        f"{place} {token}" for place, token in enumerate(plain(tokens))
    ]  # the same token may stand twice
    finite = np.where(np.isfinite(matrix), matrix, np.nan)
    limit = float(np.nanmax(np.abs(finite))) or 1.0
    figure = blank(palette, x="key" if square else "dimension of the head", y="query", height=440)
    figure.add_heatmap(
        z=finite.astype(np.float32),
        x=labels if square else np.arange(matrix.shape[1]),
        y=labels,
        colorscale=palette.diverging,
        zmin=-limit,
        zmax=limit,
        hoverongaps=False,
        colorbar={"title": {"text": unit}, "thickness": 12, "nticks": 5},
        hovertemplate="query %{y} · key %{x}: %{z:.4f}<extra></extra>",
    )
    outline_row(figure, row, matrix.shape[1], palette)
    figure.update_xaxes(showgrid=False, tickfont={"family": MONO, "size": 12}, tickangle=-60)
    figure.update_yaxes(showgrid=False, tickfont={"family": MONO, "size": 12}, autorange="reversed")
    return figure


def outline_row(figure: go.Figure, row: int | None, width: int, palette: Palette) -> None:
    """Frame one row of a heatmap, in the query's colour."""
    if row is not None:
        figure.add_shape(
            type="rect",
            x0=-0.5,
            x1=width - 0.5,
            y0=row - 0.5,
            y1=row + 0.5,
            line={"color": palette.query, "width": 2},
        )


def vector_rows(
    rows: np.ndarray, names: Sequence[str], palette: Palette, *, x: str, height: int | None = None
) -> go.Figure:
    """Vectors as rows of colour, (N, C), one scale for all, centred on 0; first row on top."""
    limit = float(np.abs(rows).max()) or 1.0
    figure = blank(palette, x=x, y="", height=height or 90 + 60 * len(rows))
    figure.add_heatmap(
        z=rows.astype(np.float32),
        y=list(range(len(rows))),
        colorscale=palette.diverging,
        zmin=-limit,
        zmax=limit,
        colorbar={"title": {"text": "value"}, "thickness": 12, "nticks": 5},
        hovertemplate="dimension %{x}: %{z:.3f}<extra></extra>",
    )
    figure.update_yaxes(
        tickmode="array",
        tickvals=list(range(len(rows))),
        ticktext=plain(names),
        autorange="reversed",
        showgrid=False,
    )
    figure.update_xaxes(showgrid=False)
    return figure
