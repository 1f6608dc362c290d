"""A list of runs in which each row is a button; names and all other words are written as text, never read."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from views.components.mounting import mount

ROWS_HTML = '<div class="gb"><ul class="runs"></ul></div>'


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run of the list, in the words that stand there."""

    id: str
    name: str
    said: str  # what tells it from others
    badges: tuple[str, ...]
    state: str
    kind: str  # of its progress: "works", "rests" or "wrong"
    progress: int  # percent
    spark: tuple[int, ...]  # validation losses in percent of the first
    validation: str
    train: str
    created: float  # seconds since 1970
    sign: str = ""  # that it has in the comparison
    colour: str = ""


def run_rows(
    rows: Sequence[RunRow], *, chosen: str | None, key: str, label: str, on_pick: Callable[[str], None]
) -> str | None:
    """Show the rows; a click gives the run's id, also if the list has moved meanwhile."""
    ids = {row.id for row in rows}
    data = {"label": label, "chosen": chosen, "rows": [asdict(row) for row in rows]}

    def check(value: object) -> str | None:
        return value if isinstance(value, str) and value in ids else None

    return mount("run_rows", data, html=ROWS_HTML, key=key, check=check, on_pick=on_pick)
