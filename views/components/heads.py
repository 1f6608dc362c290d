"""Attention heads as pictures: all of them as thumbnails on one canvas, and one head in full."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from core.roles import ROLES
from views.components.mounting import RAW_LIMIT, Piece, base64_of, cell_below, index_below, mount, names_of
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
VIEW = (
    f'<div class="gb"><div class="split">{STAGE}<div class="side">'
    '<div class="scale" aria-hidden="true">weight<div class="bar"></div><div class="ticks"></div></div>'
    '<div class="readout" role="status"></div></div></div></div>'
)


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


def head_view(
    weights: np.ndarray,
    pieces: Sequence[Piece],
    *,
    queries: np.ndarray | None = None,
    keys: np.ndarray | None = None,
    scores: np.ndarray | None = None,
    picked: int | None = None,
    causal: bool = True,
    scaled: bool = True,
    key: str,
    label: str,
    on_pick: Callable[[int], None] | None = None,
) -> int | None:
    """One head in full: weights (T, T) in 0..1, rows are queries. Returns the picked query's index.

    Hover tells the weight and, given queries and keys (T, D), how the score came about; or else the score
    from `scores` (T, T). `causal` hatches the future, `scaled=False` leaves out "/ sqrt(D)".
    Raises ValueError if T is not the number of pieces.
    """
    if weights.shape != (len(pieces), len(pieces)):
        raise ValueError(f"{len(pieces)} tokens need as many rows and columns, not weights {weights.shape}.")
    check = index_below(len(pieces))
    data = {"label": label, "picked": check(picked), "scaled": scaled, **names_of(pieces)}
    data |= weight_data(weights, causal) | score_data(queries, keys, scores)
    picked_now = mount("head_view", data, html=VIEW, key=key, check=check, on_pick=on_pick)
    return chosen(picked_now, check(picked), on_pick)


def weight_data(weights: np.ndarray, causal: bool) -> dict[str, Any]:
    """Weights (T, T) as whole numbers: 16 bits for three true digits, 8 if that is too long to send."""
    cells = lower(np.nan_to_num(weights).clip(0, 1), causal)  # (N,)
    bits = 16 if 2 * cells.size <= RAW_LIMIT else 8
    levels = (cells * (2**bits - 1) + 0.5).astype(np.uint16 if bits == 16 else np.uint8)
    return {"causal": causal, "bits": bits, "weights": base64_of(levels)}


def score_data(
    queries: np.ndarray | None, keys: np.ndarray | None, scores: np.ndarray | None
) -> dict[str, Any]:
    """What a score is made of: queries and keys (T, D), or the scores (T, T), or nothing if too long."""
    if queries is not None and keys is not None and 4 * queries.size <= RAW_LIMIT // 2:
        return {"queries": floats(queries), "keys": floats(keys), "head_dim": queries.shape[-1]}
    if scores is not None and 2 * scores.size <= RAW_LIMIT // 2:
        return {"scores": floats(scores), "head_dim": 0}
    return {"head_dim": 0}


def floats(array: np.ndarray) -> str:
    """Numbers as float32, or as float16 (three digits) where float32 would be too long for one message."""
    array = np.nan_to_num(array, neginf=-65504.0, posinf=65504.0).clip(-65504, 65504)
    return base64_of(array.astype(np.float32 if 4 * array.size <= RAW_LIMIT // 4 else np.float16))
