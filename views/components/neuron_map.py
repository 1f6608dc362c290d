"""Neurons and tokens as one picture to click into."""

from collections.abc import Callable, Sequence

import numpy as np

from views.components.mounting import RAW_LIMIT, Piece, base64_of, index_below, mount, names_of
from views.components.tokens import chosen

FRAMES = "".join(f'<div class="frame {which}"></div>' for which in ("place", "over", "chosen"))
MAP = (
    '<div class="gb"><div class="legend"><div class="readout" role="status"></div>'
    '<div class="scale" aria-hidden="true"><div class="bar"></div><div class="ticks"></div></div></div>'
    '<div class="holder"><div class="stage" tabindex="0" role="application">'
    f'<canvas aria-hidden="true"></canvas>{FRAMES}</div></div></div>'
)


def neuron_map(
    values: np.ndarray,
    units: Sequence[int],
    pieces: Sequence[Piece],
    *,
    stage: str,
    picked: int | None,
    token: int | None,
    key: str,
    label: str,
    on_pick: Callable[[int], None] | None = None,
) -> int | None:
    """Numbers (U, T) of the neurons `units` at the tokens `pieces`, centred on 0. Returns the picked row.

    `stage` names the numbers ("before the bend"); `token` is the column that is framed.
    """
    check = index_below(len(units))
    data = {"label": label, "picked": check(picked), "stage": stage, "units": list(units)}
    data |= {"token": index_below(len(pieces))(token), **names_of(pieces), **levels(values)}
    picked_now = mount("neuron_map", data, html=MAP, key=key, check=check, on_pick=on_pick)
    return chosen(picked_now, check(picked), on_pick)


def levels(values: np.ndarray) -> dict[str, object]:
    """Numbers as shares of the largest, in 16 bits: four true digits, half the length."""
    if 2 * values.size > RAW_LIMIT:
        raise ValueError(f"{values.size:,} numbers do not fit into one message: show fewer tokens")
    values = np.nan_to_num(values)
    limit = float(np.abs(values).max(initial=0.0)) or 1.0
    return {"limit": limit, "values": base64_of(np.round(values / limit * 32767).astype(np.int16))}
