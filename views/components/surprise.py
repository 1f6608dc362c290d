"""Text coloured by how much each token surprised a model."""

from collections.abc import Sequence

from views.components.mounting import Piece, index_below, mount, names_of

ROWS = (
    '<div class="gb"><div class="legend" aria-hidden="true"><span class="low">0</span>'
    '<span class="bar"></span><span class="high"></span></div>'
    '<div class="rows" tabindex="0" role="group"></div><div class="tip" role="tooltip"></div></div>'
)


def surprise(
    rows: Sequence[tuple[Sequence[Piece], Sequence[float]]],
    *,
    most: float,
    most_name: str,
    key: str,
    label: str,
    opened: int = 0,
    unit: str = "nats",
    marked: int | None = None,
) -> None:
    """Rows of tokens, each with the nats that it cost (NaN for one that was given); `most` is the deepest.

    Hover, touch or the arrow keys tell a token's nats and the probability that the model had given it. With
    the `unit` "bits" all of this is in bits. A line stands before the token `marked` of each row.
    """
    told = [row_data(*row) for row in rows]
    told = [row | {"unit": unit, "marked": marked} for row in told] if unit != "nats" or marked else told
    data = {"label": label, "most": round(most, 4), "mostName": most_name, "rows": told}
    data |= {"opened": opened}  # so that it is never sent as a reference to one long ago: see Moment.figure
    mount("surprise", data, html=ROWS, key=key, check=index_below(0), on_pick=None)


def row_data(pieces: Sequence[Piece], nats: Sequence[float]) -> dict[str, object]:
    """One row as the browser gets it; no number (JSON has no NaN) for a token that was not predicted."""
    values = [round(value, 3) if value == value and value != float("inf") else None for value in nats]
    return names_of(pieces) | {"nats": values}
