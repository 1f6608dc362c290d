"""Rows of a batch, token by token: what the model reads, and beneath it what it must say next."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from core.instruct import IGNORED
from core.token_roles import ROLES, Row, role_counts
from views.components.mounting import Piece, index_below, mount, names_of

ROWS = (
    '<div class="gb"><div class="legend"></div><div class="rows sequence" tabindex="0" role="group"></div>'
    '<div class="tip" role="tooltip"></div></div>'
)


def sequence(
    rows: Sequence[tuple[Sequence[Piece], Row]], batch: Sequence[Row], *, key: str, label: str
) -> None:
    """Each row's tokens in the colour of their role over their targets; a target of -100 is greyed.

    Above them stands, for the whole `batch` that they are from, how many targets of each kind count.

    Hover, touch or the arrow keys say what a token is, and whether what follows it costs anything.
    """
    data = {"label": label, "rows": [row_data(*row) for row in rows], "counts": counts_of(batch)}
    mount("sequence", data, html=ROWS, key=key, check=index_below(0), on_pick=None)


def row_data(pieces: Sequence[Piece], row: Row) -> dict[str, Any]:
    """One row as the browser gets it: roles as numbers, and where a loss is computed."""
    return names_of(pieces) | {
        "ids": row.ids,
        "roles": "".join(str(ROLES.index(role)) for role in row.roles),
        "learned": "".join("0" if target == IGNORED else "1" for target in row.targets),
    }


def counts_of(batch: Sequence[Row]) -> list[tuple[str, int, int]]:
    """Each kind of token, how many targets of it there are, and how many of them count."""
    counted = Counter(
        role
        for row in batch
        for role, target in zip(row.roles[1:], row.targets, strict=True)
        if target != IGNORED
    )
    return [(role, count, counted[role]) for role, count in role_counts(batch).items()]
