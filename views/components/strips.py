"""Vectors as strips of colour, one above the other, on one scale that is centred on 0."""

from collections.abc import Sequence

import numpy as np

from views.components.mounting import base64_of, index_below, mount
from views.theme import Scale

STRIPS = (
    '<div class="gb"><div class="strips" tabindex="0" role="group"></div>'
    '<div class="readout" role="status"></div></div>'
)


def strips(
    rows: np.ndarray,
    names: Sequence[str],
    *,
    axis: str,
    scale: Scale,
    framed: int | None = None,
    heads: tuple[str, Sequence[str]] | None = None,
    sums: bool = False,
    key: str,
    label: str,
) -> None:
    """Vectors (N, C) with their names; `scale` is the theme's, for signed numbers.

    `heads` is a column before them, with its title: one number each. With `sums` the third row is the sum of
    the first two, and hover does it.
    """
    limit = float(np.abs(rows).max(initial=0.0)) or 1.0
    data = {
        "label": label,
        "names": list(names),
        "columns": rows.shape[1],
        "values": base64_of(np.rint(rows / limit * 32767).astype(np.int16)),
        "limit": limit,
        "axis": axis,
        "scale": ",".join(colour for _, colour in scale),
        "framed": framed,
        "head": heads[0] if heads else None,
        "heads": list(heads[1]) if heads else None,
        "sums": sums,
    }
    mount("strips", data, html=STRIPS, key=key, check=index_below(0), on_pick=None)
