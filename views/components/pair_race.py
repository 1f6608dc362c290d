"""A strip of text in which the most frequent pair of tokens is lit, and the pairs that come next as bars."""

from collections.abc import Callable, Sequence

from core.pieces import Piece
from views.components.mounting import index_below, mount, names_of

Pair = tuple[bytes, bytes]

RACE = (
    '<div class="gb"><div class="race"><div class="strip" role="group" tabindex="0"></div>'
    '<div><div class="heading">pairs of neighbours, times in the text</div>'
    '<div class="bars"></div><div class="curve"></div></div></div></div>'
)


def pair_race(
    pieces: Sequence[Piece],
    race: Sequence[tuple[Pair, int]],
    places: Sequence[Sequence[int]],
    *,
    made: bytes | None,
    curve: Sequence[int],
    step: int,
    key: str,
    label: str,
    told: str,
    on_pick: Callable[[int], None],
) -> None:
    """Tokens of a text, and pairs with their counts, the most frequent first, with their `places`.

    `made` is the token of the last merge, tinted wherever it stands. `curve` is what the whole text costs
    after each merge, told in words for `step`; a click into it gives a number of merges.
    """
    parts = list(dict.fromkeys(part for pair, _ in race for part in pair))
    words = [Piece(0, part, part.decode("utf-8", "replace"), 0, 0) for part in parts]
    data = {
        "label": label,
        **names_of(pieces),
        "ids": [piece.id for piece in pieces],
        "words": names_of(words),
        "pairs": [[parts.index(part) for part in pair] for pair, _ in race],
        "counts": [count for _, count in race],
        "places": [list(some) for some in places],
        "curve": list(curve),
        "step": step,
        "told": told,
        "made": [i for i, piece in enumerate(pieces) if piece.bytes == made],
    }
    mount("pair_race", data, html=RACE, key=key, check=index_below(len(curve)), on_pick=on_pick)
