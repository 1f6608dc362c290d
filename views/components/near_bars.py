"""The nearest to something, nearest on top, with how near they are."""

from collections.abc import Callable, Sequence

from views.components.mounting import index_below, mount

BARS = '<div class="gb"><div class="heading"></div><div class="bars" role="group"></div></div>'
HEADINGS = {"cosine": "cosine: long is near", "euclid": "distance: short is near"}


def near_bars(
    names: Sequence[str],
    values: Sequence[float],
    *,
    by: str,
    key: str,
    label: str,
    on_pick: Callable[[int], None] | None = None,
) -> None:
    """Cosines or distances as bars from 0. With `on_pick` each is a button that gives its index."""
    data = {
        "label": label,
        "heading": HEADINGS[by],
        "names": list(names),
        "values": [round(float(value), 4) for value in values],
        "most": max((float(value) for value in values), default=0.0) or 1.0,
        "goes": on_pick is not None,
    }
    mount("near_bars", data, html=BARS, key=key, check=index_below(len(names)), on_pick=on_pick)
