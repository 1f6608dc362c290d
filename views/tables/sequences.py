"""Rows of a batch as a table."""

from collections.abc import Sequence

import pandas as pd

from core.instruct import IGNORED
from core.pieces import Piece
from core.token_roles import Row
from views.tables.grid import listing
from views.tables.tokens import names_of


def batch(rows: Sequence[tuple[Sequence[Piece], Row]]) -> pd.DataFrame:
    """Each token that is read, what it is, and what must be said next: nothing where no loss is computed."""
    told = [
        (number, place, name, row.ids[place], row.roles[place], target, "" if target == IGNORED else after)
        for number, (pieces, row) in enumerate(rows, start=1)
        for place, (name, after, target) in enumerate(
            zip(names_of(pieces)[:-1], names_of(pieces)[1:], row.targets, strict=True)
        )
    ]
    names = ("row", "place", "token", "id", "role", "target", "says next")
    return listing({name: [one[i] for one in told] for i, name in enumerate(names)})
