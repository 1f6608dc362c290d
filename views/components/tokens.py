"""Tokens as things to point at: a text's chips, and the lines from one token to those it looks at."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from views.components.mounting import Piece, index_below, mount, names_of

CHIPS = (
    '<div class="gb"><div class="chips" role="listbox" dir="ltr" aria-orientation="horizontal"></div>'
    '<div class="tip" role="tooltip"></div></div>'
)
ARCS = (
    '<div class="gb"><div class="heads" aria-hidden="true"><span class="query">query</span>'
    '<span class="key">key and weight</span></div>'
    '<div class="links"></div><div class="readout" role="status"></div></div>'
)


def token_chips(
    pieces: Sequence[Piece],
    *,
    picked: int | None = None,
    key: str,
    label: str,
    on_pick: Callable[[int], None] | None = None,
) -> int | None:
    """A text as coloured chips, one a token; hover shows id and bytes. Returns the index of the picked token.

    White space is visible, and a token that is only part of a character shows its bytes. `label` is read by
    screen readers. The caller caps the number of chips (5,000 are fine).
    """
    check = index_below(len(pieces))
    data = {"label": label, "picked": check(picked), **names_of(pieces), **places_of(pieces)}
    picked_now = mount("token_chips", data, html=CHIPS, key=key, check=check, on_pick=on_pick)
    return chosen(picked_now, check(picked), on_pick)


def arcs(
    weights_row: Sequence[float] | np.ndarray,
    pieces: Sequence[Piece],
    *,
    picked: int | None,
    key: str,
    label: str,
    on_pick: Callable[[int], None] | None = None,
) -> int | None:
    """Lines from the query `picked` to the keys it looks at, as wide as the weights (K,), K <= len(pieces).

    Keys beyond K are shown as not seen; pass `weights[picked, : picked + 1]` of a causal head. Returns the
    index of the picked token.
    """
    check = index_below(len(pieces))
    weights = np.nan_to_num(np.asarray(weights_row, dtype=np.float64)).clip(0, 1)[: len(pieces)]
    data = {"label": label, "picked": check(picked), "weights": weights.round(5).tolist(), **names_of(pieces)}
    picked_now = mount("arcs", data, html=ARCS, key=key, check=check, on_pick=on_pick)
    return chosen(picked_now, check(picked), on_pick)


def chosen(now: Any, before: Any, on_pick: Callable[..., None] | None) -> Any:
    """What counts as picked: with a callback the server's own value, without one the click of this run."""
    return before if on_pick is not None or now is None else now


def places_of(pieces: Sequence[Piece]) -> dict[str, Any]:
    """Where tokens lie in the text, in few bytes: their lengths, and the gaps before those that leave one."""
    ends = [0, *(piece.end for piece in pieces)]
    gaps = {i: piece.start - before for i, (piece, before) in enumerate(zip(pieces, ends, strict=False))}
    return {
        "ids": [piece.id for piece in pieces],
        "lengths": [piece.end - piece.start for piece in pieces],
        "gaps": {i: gap for i, gap in gaps.items() if gap},
    }
