"""Rows of a table as a cloud of points, flat or solid, that can be thousands and still be chosen at once."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from views.components.mounting import base64_of, index_below, mount

CLOUD = (
    '<div class="gb"><div class="head"><div class="keys"></div><div class="zoom">'
    '<button type="button" data-by="1.4" aria-label="Closer">+</button>'
    '<button type="button" data-by="0.71" aria-label="Further">−</button>'
    '<button type="button" data-by="0" aria-label="The whole map">all</button></div></div>'
    '<div class="stage" tabindex="0" role="application"><canvas aria-hidden="true"></canvas>'
    '<div class="tip" role="status"></div></div></div>'
)
MOST = 5000  # points: names and places of more would not fit into one message


def frame_of(points: np.ndarray) -> np.ndarray:
    """The box in which points lie, with a little room: (N, 3) -> lowest and highest, (2, 3)."""
    low, high = (points.min(axis=0), points.max(axis=0)) if len(points) else np.zeros((2, 3))
    room = 0.04 * (high - low) + (1e-3 * float((high - low).max()) or 1.0)  # equal rows have room too
    return np.stack([low - room, high + room]).astype(np.float32)


def in_steps(points: np.ndarray, reach: float) -> np.ndarray:
    """Places as whole numbers, 32,767 for `reach`: (N, 3) -> int16 (N, 3). What lies outside is cut."""
    return np.rint(np.nan_to_num(points / reach).clip(-1, 1) * 32767).astype(np.int16)


def cloud(
    points: np.ndarray,
    names: Sequence[str],
    *,
    marked: Mapping[str, Sequence[int]],
    chosen: int,
    titles: Sequence[str],
    frame: np.ndarray,
    solid: bool,
    kind: str,
    key: str,
    label: str,
    on_pick: Callable[[int], None] | None = None,
) -> None:
    """Points (N, 3) with their names; the first two directions, or with `solid` all three, to turn by hand.

    `marked` are at most two groups of rows to light up and name. `frame` (2, 3) is what is to be seen, lowest
    and highest along each direction. Points of the same `kind` glide to new places. A click gives the row.
    """
    furthest = float(np.abs(frame).max())
    middle, half = frame.mean(axis=0), (frame[1] - frame[0]) / 2
    data = {
        "label": label,
        "names": list(names),
        "points": base64_of(in_steps(points, furthest)),
        "marked": [{"name": name, "rows": list(rows)} for name, rows in marked.items()],
        "chosen": chosen,
        "titles": list(titles),
        "reach": furthest,
        "middle": (middle / furthest).round(4).tolist(),
        "half": (half / furthest).round(4).tolist(),
        "solid": solid,
        "kind": kind,
    }
    mount("cloud", data, html=CLOUD, key=key, check=index_below(len(names)), on_pick=on_pick)
