"""Small matrices with their numbers in them: a row asks, and a cell tells how it came about."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from views.components.mounting import index_below, mount
from views.components.tokens import chosen

TABLES = '<div class="gb"><div class="tables"></div><div class="readout mono" role="status"></div></div>'
MOST_CELLS = 600  # of all tables together: more than that is a picture, not a table
KINDS = ("signed", "share", "plain")  # the scale that tints the cells


@dataclass(frozen=True)
class Matrix:
    """Numbers (R, C) with the names of rows and columns; what is `masked`, or minus infinity, is hatched."""

    title: str
    values: np.ndarray
    rows: Sequence[str]
    columns: Sequence[str]
    formulas: Sequence[Sequence[str]] | None = None  # how each cell came about, numbers put in
    kind: str = "signed"  # one of KINDS
    digits: int = 4
    roles: Sequence[str] = ()  # "query", "key" or "value": the colour of each column's name
    masked: np.ndarray | None = None  # (R, C) of bool


def matrix(
    *tables: Matrix,
    picked: int | None = None,
    key: str,
    label: str,
    on_pick: Callable[[int], None] | None = None,
) -> int | None:
    """One table, or several side by side whose rows belong together. Returns the picked row.

    Hover or focus says the formula of a cell, below; before that, that of the last table in the picked row.
    Arrow keys move, Enter or a click picks the row. ValueError for tables that are too large to be read.
    """
    cells = sum(table.values.size for table in tables)
    if cells > MOST_CELLS:
        raise ValueError(f"{cells:,} numbers cannot be read side by side: at most {MOST_CELLS} can")
    check = index_below(max((len(table.rows) for table in tables), default=0))
    data = {"label": label, "picked": check(picked), "tables": [table_data(table) for table in tables]}
    picked_now = mount("matrix", data, html=TABLES, key=key, check=check, on_pick=on_pick)
    return chosen(picked_now, check(picked), on_pick)


def table_data(table: Matrix) -> dict[str, object]:
    """A table as the browser gets it; None for a masked cell, as JSON has no infinity."""
    shape = (len(table.rows), len(table.columns))
    if table.values.shape != shape:
        raise ValueError(f"{shape[0]} rows and {shape[1]} columns need as many numbers: {table.values.shape}")
    if table.kind not in KINDS:
        raise ValueError(f"kind is {table.kind!r}: choose one of {', '.join(KINDS)}")
    finite = np.isfinite(table.values)
    masked = ~finite if table.masked is None else table.masked | ~finite
    most = float(np.abs(table.values[finite]).max()) if finite.any() else 0.0
    values = np.round(table.values.astype(float), 6) + 0.0  # no minus before a zero
    return {
        "title": table.title,
        "rows": list(table.rows),
        "columns": list(table.columns),
        "values": [[v if np.isfinite(v) else None for v in row] for row in values.tolist()],
        "formulas": [list(row) for row in table.formulas] if table.formulas else None,
        "masked": masked.tolist() if masked.any() else None,
        "kind": table.kind,
        "most": most or 1.0,
        "digits": table.digits,
        "roles": list(table.roles),
    }
