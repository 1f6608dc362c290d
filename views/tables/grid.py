"""Numbers with names along both sides, and columns of one length."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from views.components.matrix import Matrix
from views.table import MOST_ROWS, unique


def grid(values: np.ndarray, rows: Sequence[object], columns: Sequence[str], corner: str) -> pd.DataFrame:
    """Numbers (R, C) under the names of their columns; the first column, `corner`, names the rows."""
    names = unique([corner, *columns])
    table = pd.DataFrame(np.asarray(values, dtype=float)[:MOST_ROWS], columns=names[1:])
    table.insert(0, corner, list(rows)[:MOST_ROWS])
    return table


def listing(columns: Mapping[str, Sequence]) -> pd.DataFrame:
    """Columns of one length side by side, as many rows as a browser still scrolls."""
    return pd.DataFrame({name: list(values)[:MOST_ROWS] for name, values in columns.items()})


def spreads(names: Sequence[str], sides: Mapping[str, Sequence[np.ndarray]]) -> pd.DataFrame:
    """Many numbers under each name, on several sides: how far they reach, their mean and deviation."""
    told = {"lowest": np.min, "mean": np.mean, "standard deviation": np.std, "highest": np.max}
    columns = {
        f"{side}: {what}": [float(measure(one.astype(float))) for one in values]
        for side, values in sides.items()
        for what, measure in told.items()
    }
    return listing({"name": names} | columns)


def gradients(ratios: np.ndarray, lasts: np.ndarray) -> pd.DataFrame:
    """First layer's gradient over the last one's, and the last one's: (2, 2), rows norm, columns residual."""
    cells = list(np.ndindex(2, 2))
    return listing(
        {
            "norm": [not row for row, _ in cells],
            "residual": [not column for _, column in cells],
            "first ÷ last": ratios.ravel(),
            "last layer's mean |gradient|": lasts.ravel(),
        }
    )


def matrices(*tables: Matrix) -> pd.DataFrame:
    """Small matrices one below the other, each with its title; what is masked is empty."""
    parts = [matrix_part(one) for one in tables]
    found = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    return found if len(parts) > 1 else found.drop(columns="table", errors="ignore")


def matrix_part(one: Matrix) -> pd.DataFrame:
    """One matrix with its title in front of each row."""
    masked = ~np.isfinite(one.values) if one.masked is None else one.masked | ~np.isfinite(one.values)
    table = grid(np.where(masked, np.nan, one.values), one.rows, one.columns, "row")
    table.insert(0, "table", one.title)
    return table
