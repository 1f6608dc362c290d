"""A text whose words are coloured by what each adds to an answer."""

from collections.abc import Sequence

import numpy as np

from views.components.mounting import index_below, mount

WORDS = (
    '<div class="gb"><div class="legend" aria-hidden="true"><span class="low"></span>'
    '<span class="bar"></span><span class="high"></span></div>'
    '<div class="words" tabindex="0" role="group"></div><div class="tip" role="tooltip"></div></div>'
)


def weighed_words(
    words: Sequence[str],
    added: np.ndarray,
    *,
    most: float,
    name: str,
    read: Sequence[bool],
    key: str,
    label: str,
) -> None:
    """Words, and the share of probability that each adds to the answer `name`: (W,), from -1 to 1.

    `most` has the deepest colour; a word that is not `read` is struck out. Hover, touch or the arrow keys
    tell a word's number.
    """
    data = {
        "label": label,
        "words": list(words),
        "added": np.nan_to_num(np.asarray(added, dtype=float)).round(4).tolist(),
        "most": max(round(most, 4), 1e-4),
        "name": name,
        "read": [bool(one) for one in read],
    }
    mount("weighed", data, html=WORDS, key=key, check=index_below(0), on_pick=None)
