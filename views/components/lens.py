"""The logit lens as a table of buttons: what the model would answer at each depth, after each token."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from views.components.mounting import Piece, cell_below, mount, names_of
from views.components.tokens import chosen

TABLE = '<div class="gb"><div class="lens" role="grid"></div><div class="tip" role="tooltip"></div></div>'


@dataclass(frozen=True)
class Answers:
    """The best answers at R depths and K places, with their probabilities in 0..1."""

    best: np.ndarray  # (R, K, N) token ids, the likeliest first
    probs: np.ndarray  # (R, K, N)
    next: tuple[int | None, ...]  # (K,) the token that the text goes on with; None where it ends
    right: np.ndarray  # (R, K) probability of that token; 0 where the text ends


def lens(
    answers: Answers,
    depths: Sequence[str],
    pieces: Sequence[Piece],
    words: Callable[[Sequence[int]], list[str]],
    *,
    picked: tuple[int, int] | None,
    key: str,
    label: str,
    on_pick: Callable[[tuple[int, int]], None] | None = None,
) -> tuple[int, int] | None:
    """Rows are `depths` (R,), columns `pieces` (K,). Returns the picked (row, column).

    `words` gives the texts of token ids. An answer that is already the last row's is underlined.
    """
    check = cell_below(len(depths), len(pieces))
    data = {"label": label, "picked": check(picked), "rows": list(depths), **names_of(pieces)}
    data |= answer_data(answers, words)
    picked_now = mount("lens", data, html=TABLE, key=key, check=check, on_pick=on_pick)
    return chosen(picked_now, check(picked), on_pick)


def answer_data(answers: Answers, words: Callable[[Sequence[int]], list[str]]) -> dict[str, object]:
    """The answers with each different token named once: cells hold its place in `words`."""
    following = [token for token in answers.next if token is not None]
    ids = sorted({*answers.best.ravel().tolist(), *following})
    place = {token: i for i, token in enumerate(ids)}
    named = np.vectorize(place.get, otypes=[int])(answers.best) if answers.best.size else answers.best
    return {
        "words": {"texts": words(ids), "hexes": {}},
        "best": named.tolist(),
        "probs": np.round(answers.probs.astype(float), 4).tolist(),
        "next": [None if token is None else place[token] for token in answers.next],
        "right": np.round(answers.right.astype(float), 4).tolist(),
    }
