"""The whole road as one clickable block diagram of a GPT, with live numbers in every station."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from views.components.mounting import index_below, mount

PLACES = (
    "text",
    "tokens",
    "embeddings",
    "attention",
    "feedforward",
    "stream",
    "logits",
    "next",
    "training",
    "windows",
    "norm",
    "anatomy",
)
ROAD_HTML = '<div class="gb"><nav class="road"><svg class="wires" aria-hidden="true"></svg></nav></div>'


@dataclass(frozen=True, slots=True)
class Stop:
    """One station of the drawing: where it stands, which page it opens, and what it says now."""

    place: str  # one of PLACES
    path: str  # of its page, as in the address
    title: str
    number: str
    unit: str
    detail: str = ""


def road(
    stations: Sequence[Stop], *, layers: int, current: str | None = None, key: str, label: str
) -> str | None:
    """Draw the stations in the order of the road; `layers` blocks. Returns the path of the one just clicked.

    `current` is the path of the page one is on: its stations are marked as "you are here".
    Raises ValueError for a place that the drawing does not have.
    """
    if unknown := {stop.place for stop in stations} - set(PLACES):
        raise ValueError(
            f"The road has no place for {', '.join(sorted(unknown))}: choose from {', '.join(PLACES)}."
        )
    data = {
        "label": label,
        "current": current,
        "layers": layers,
        "stations": [asdict(stop) for stop in stations],
    }
    picked = mount("road", data, html=ROAD_HTML, key=key, check=index_below(len(stations)), on_pick=None)
    return None if picked is None else stations[picked].path
