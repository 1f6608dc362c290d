"""Texts as points of a map, coloured by class: they glide apart as a classifier learns."""

from collections.abc import Callable, Sequence

import numpy as np

from views.components.cloud import CLOUD, in_steps
from views.components.mounting import base64_of, index_below, mount


def class_cloud(
    points: np.ndarray,
    names: Sequence[str],
    *,
    groups: Sequence[int],
    group_names: Sequence[str],
    inks: Sequence[str],
    wrong: Sequence[bool],
    chosen: int,
    titles: Sequence[str],
    frame: np.ndarray,
    key: str,
    label: str,
    on_pick: Callable[[int], None] | None = None,
) -> None:
    """Points (N, 2) with their texts; `groups` are classes, `inks` the theme's colour of each.

    What is sorted wrongly is a ring. `frame` (2, 2) is what is to be seen, lowest and highest along each
    direction; points glide to new places. A click gives the row.
    """
    flat, frame = np.pad(points, ((0, 0), (0, 1))), np.pad(frame, ((0, 0), (0, 1)))
    furthest = float(np.abs(frame).max()) or 1.0
    middle, half = frame.mean(axis=0), (frame[1] - frame[0]) / 2
    data = {
        "label": label,
        "names": list(names),
        "points": base64_of(in_steps(flat, furthest)),
        "marked": [],
        "groups": [int(one) for one in groups],
        "groupNames": list(group_names),
        "inks": list(inks),
        "wrong": [bool(one) for one in wrong],
        "chosen": chosen,
        "titles": list(titles),
        "reach": furthest,
        "middle": (middle / furthest).round(4).tolist(),
        "half": (half / furthest).round(4).tolist(),
        "solid": False,
        "kind": "texts",
    }
    mount("cloud", data, html=CLOUD, key=key, check=index_below(len(names)), on_pick=on_pick)
