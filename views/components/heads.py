"""All attention heads of a model as thumbnails on one canvas."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from core.roles import ROLES
from views.components.mounting import RAW_LIMIT, base64_of, cell_below, mount
from views.components.tokens import chosen

Roles = Sequence[
    Sequence[tuple[str, float] | None]
]  # of each layer and head: name and score, if any stands out

MAX_SIZE = 48  # tokens a side of a thumbnail: more than the screen's pixels for one of 144 heads

STAGE = (
    '<div class="stage" tabindex="0" role="application"><canvas aria-hidden="true"></canvas>'
    '<div class="frame over"></div><div class="frame chosen"></div></div>'
)
GRID = f'<div class="gb"><div class="readout" role="status"></div><div class="roles"></div>{STAGE}</div>'


def thumbnails(weights: np.ndarray, size: int = 24) -> np.ndarray:
    """Attention weights (L, H, T, T) in 0..1 as small pictures, uint8 (L, H, S, S), S = min(T, size).

       255 is a weight of 1.0.
    A cell is the largest weight it covers, so that a thin line (each token looks one back) survives.
    """
    if not 1 <= size <= MAX_SIZE:
        raise ValueError(f"A thumbnail is {size} cells wide; it can be 1 to {MAX_SIZE}.")
    pooled = pool(np.nan_to_num(weights), size)  # (L, H, S, S)
    return (pooled.clip(0, 1) * 255 + 0.5).astype(np.uint8)


def pool(pictures: np.ndarray, size: int) -> np.ndarray:
    """Keep the largest value of each tile: (..., T, T) -> (..., S, S), S = min(T, size)."""
    tokens = pictures.shape[-1]
    if tokens <= size:
        return pictures
    edges = np.arange(size) * tokens // size
    columns = np.maximum.reduceat(pictures, edges, axis=-1)  # (..., T, S)
    return np.maximum.reduceat(columns, edges, axis=-2)  # (..., S, S)


def sees_future(pictures: np.ndarray) -> bool:
    """Whether any query gives weight to a later key: (..., T, T)."""
    return bool(np.triu(pictures, 1).any())


def lower(pictures: np.ndarray, causal: bool) -> np.ndarray:
    """The cells to send, (..., T, T) -> (..., N): all of them, or the past and present of each query."""
    tokens = pictures.shape[-1]
    if not causal:
        return pictures.reshape(*pictures.shape[:-2], tokens * tokens)
    rows, columns = np.tril_indices(tokens)
    return pictures[..., rows, columns]


def head_grid(
    thumbnails: np.ndarray,
    *,
    picked: tuple[int, int] | None = None,
    key: str,
    label: str,
    roles: Roles | None = None,
    on_pick: Callable[[tuple[int, int]], None] | None = None,
) -> tuple[int, int] | None:
    """All heads at once, rows are layers: uint8 (L, H, S, S) from `thumbnails()`. Returns the picked cell.

    `roles[layer][head]` is what a head looks like, ("induction", 0.61): a mark in its corner, and a key that
    picks the strongest head of a role. Pictures are made smaller if the message would be too long.
    """
    check = cell_below(*thumbnails.shape[:2])
    data = {"label": label, "picked": check(picked), **role_data(roles), **grid_data(thumbnails)}
    picked_now = mount("head_grid", data, html=GRID, key=key, check=check, on_pick=on_pick)
    return chosen(picked_now, check(picked), on_pick)


def role_data(roles: Roles | None) -> dict[str, Any]:
    """What the heads look like, names as places in `role_names`: short, for a model with many heads."""
    if roles is None:
        return {"roles": None}
    short = [[found and [ROLES.index(found[0]), round(found[1], 4)] for found in row] for row in roles]
    return {"role_names": list(ROLES), "roles": short}


def grid_data(pictures: np.ndarray) -> dict[str, Any]:
    """The thumbnails uint8 (L, H, S, S) as one text that stays within RAW_LIMIT bytes."""
    causal = not sees_future(pictures)
    layers, heads, size, _ = pictures.shape
    while size > 1 and layers * heads * size * (size + 1 if causal else 2 * size) // 2 > RAW_LIMIT:
        size -= 1
    cells = lower(pool(pictures, size), causal)  # (L, H, N)
    return {"layers": layers, "heads": heads, "size": size, "causal": causal, "pixels": base64_of(cells)}
