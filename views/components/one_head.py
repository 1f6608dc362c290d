"""One attention head in full, at each of its stages, with the arithmetic of every cell."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from views.components.heads import STAGE, lower
from views.components.mounting import RAW_LIMIT, Piece, base64_of, index_below, mount, names_of
from views.components.tokens import chosen

STAGES = ("scores", "scaled", "masked", "weights", "context")
MOST_TOKENS = 160  # of a text, in a stage that is drawn from vectors
MOST_NUMBERS = 11_000  # of one of these: tokens times the head's width
VIEW = (
    f'<div class="gb"><div class="split">{STAGE}<div class="side">'
    '<div class="scale" aria-hidden="true"><span class="unit">weight</span><div class="bar"></div>'
    '<div class="ticks"></div></div>'
    '<div class="readout" role="status"></div></div></div><div class="beside" aria-hidden="true"></div></div>'
)


@dataclass(frozen=True)
class HeadVectors:
    """What one head computes with, (T, D) each: the arithmetic of every cell comes from it."""

    queries: np.ndarray
    keys: np.ndarray
    values: np.ndarray | None = None
    context: np.ndarray | None = None  # what comes out, after changes by hand

    def last(self, count: int) -> "HeadVectors":
        """Those of the last tokens."""
        parts = (self.queries, self.keys, self.values, self.context)
        return HeadVectors(*(None if part is None else part[-count:] for part in parts))


def head_view(
    weights: np.ndarray,
    pieces: Sequence[Piece],
    *,
    vectors: HeadVectors | None = None,
    stage: str = "weights",
    picked: int | None = None,
    causal: bool = True,
    scaled: bool = True,
    temperature: float = 1.0,
    key: str,
    label: str,
    on_pick: Callable[[int], None] | None = None,
) -> int | None:
    """One head at one of STAGES: weights (T, T) in 0..1, rows are queries. Returns the picked query's index.

    Hover tells the number and, given the vectors, how it came about: stages before and after the weights need
    them, and show the last tokens of a long text. `causal` hatches the future, `scaled=False` leaves out
    "/ sqrt(D)". Raises ValueError if T is not the number of pieces, or a stage lacks its vectors.
    """
    if weights.shape != (len(pieces), len(pieces)):
        raise ValueError(f"{len(pieces)} tokens need as many rows and columns, not weights {weights.shape}.")
    if stage not in STAGES or (stage != "weights" and vectors is None):
        raise ValueError(f"stage is {stage!r}: choose one of {', '.join(STAGES)}, with the head's vectors")
    left_out = 0 if stage == "weights" else len(pieces) - shown_tokens(len(pieces), vectors)
    shown = pieces[left_out:]
    check = index_below(len(shown))
    here = check(None if picked is None else picked - left_out)
    data = {"label": label, "picked": here, "scaled": scaled, "temperature": temperature, "stage": stage}
    data |= names_of(shown) | {"causal": causal, "cropped": left_out > 0}
    data |= stage_data(stage, weights[left_out:, left_out:], vectors and vectors.last(len(shown)), causal)

    def pick(row: int) -> None:
        on_pick(row + left_out)

    picked_now = mount("head_view", data, html=VIEW, key=key, check=check, on_pick=on_pick and pick)
    found = chosen(picked_now, here, on_pick)
    return None if found is None else found + left_out


def shown_tokens(tokens: int, vectors: HeadVectors) -> int:
    """How many of a text's tokens a stage with its vectors has room for, in one message."""
    return min(tokens, MOST_TOKENS, max(1, MOST_NUMBERS // vectors.queries.shape[-1]))


def stage_data(stage: str, weights: np.ndarray, vectors: HeadVectors | None, causal: bool) -> dict[str, Any]:
    """What the browser needs to compute one stage, and the arithmetic of its cells."""
    if stage == "weights":
        sent = weight_data(weights, causal)
        room = RAW_LIMIT - 3 * len(sent["weights"]) // 4
        return sent | (vector_data(room, vectors.queries, vectors.keys) if vectors else {"head_dim": 0})
    if stage == "context":
        sent = weight_data(weights, causal, RAW_LIMIT // 2)
        return sent | vector_data(RAW_LIMIT, vectors.values, vectors.context, ("values", "context"))
    return vector_data(RAW_LIMIT, vectors.queries, vectors.keys)


def weight_data(weights: np.ndarray, causal: bool, room: int = RAW_LIMIT) -> dict[str, Any]:
    """Weights (T, T) as whole numbers: 16 bits for three true digits, 8 if that is too long to send."""
    cells = lower(np.nan_to_num(weights).clip(0, 1), causal)  # (N,)
    bits = 16 if 2 * cells.size <= room else 8
    levels = (cells * (2**bits - 1) + 0.5).astype(np.uint16 if bits == 16 else np.uint8)
    return {"causal": causal, "bits": bits, "weights": base64_of(levels)}


def vector_data(
    room: int, one: np.ndarray, other: np.ndarray, names: tuple[str, str] = ("queries", "keys")
) -> dict[str, Any]:
    """Two arrays of vectors (T, D) by their names; nothing if they are too long for the room, in bytes."""
    if 4 * one.size > room:
        return {"head_dim": 0}
    return {names[0]: floats(one), names[1]: floats(other), "head_dim": one.shape[-1]}


def floats(array: np.ndarray) -> str:
    """Numbers as float32, or as float16 (three digits) where float32 would be too long for one message."""
    array = np.nan_to_num(array, neginf=-65504.0, posinf=65504.0).clip(-65504, 65504)
    return base64_of(array.astype(np.float32 if 4 * array.size <= RAW_LIMIT // 4 else np.float16))
