"""The likeliest next tokens as rows to pick from: each with its logit, and what has become of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from views.components.mounting import index_below, mount
from views.components.tokens import chosen

ROWS = (
    '<div class="gb"><div class="heads" aria-hidden="true"></div><div class="rows" role="listbox"></div>'
    '<div class="others"></div><div class="tip" role="tooltip"></div></div>'
)


@dataclass(frozen=True)
class Expected:
    """What may come next: the K likeliest tokens, and how their probabilities came about."""

    texts: Sequence[str]  # (K,)
    logits: np.ndarray  # (K,)
    own: np.ndarray  # (K,) the model's own probabilities, in 0..1
    drawn: np.ndarray  # (K,) those that are drawn from; 0 for what was cut
    others: int  # tokens that are not shown,
    others_own: float  # with this probability
    others_drawn: float
    temperature: float
    best: float  # the largest logit
    total: float  # the sum of e^((logit - best) / temperature) over all that top-k keeps
    nucleus: float  # the probability that top-p keeps


def next_tokens(
    expected: Expected, *, key: str, label: str, note: str, on_pick: Callable[[int], None]
) -> int | None:
    """Rows of tokens; a click, or Enter, picks one. `note` says what a pick does."""
    check = index_below(len(expected.texts))
    data = {"label": label, "note": note} | row_data(expected)
    picked = mount("next_tokens", data, html=ROWS, key=key, check=check, on_pick=on_pick)
    return chosen(picked, None, on_pick)


def row_data(expected: Expected) -> dict[str, Any]:
    """The rows as the browser gets them: no more digits than it can show."""
    return {
        "texts": list(expected.texts),
        "hexes": {},
        "logits": np.round(expected.logits.astype(float), 3).tolist(),
        "own": np.round(expected.own.astype(float), 6).tolist(),
        "drawn": np.round(expected.drawn.astype(float), 6).tolist(),
        "others": [expected.others, round(expected.others_own, 6), round(expected.others_drawn, 6)],
        "how": [expected.temperature, round(expected.best, 3), expected.total, expected.nucleus],
    }
