"""A window that slides over a text: what it gives the model, and what it asks for."""

from collections.abc import Callable, Sequence

from views.components.mounting import Piece, index_below, mount, names_of
from views.text import percent

WINDOWS = (
    '<div class="gb"><div class="strip" role="group" dir="ltr"></div>'
    '<div class="pair" tabindex="0" role="group" dir="ltr"></div>'
    '<div class="readout" role="status"></div></div>'
)


def window_view(
    pieces: Sequence[Piece],
    *,
    start: int | None,
    length: int,
    cut: int,
    by_place: bool = False,
    chances: Sequence[float] | None = None,
    key: str,
    label: str,
    on_pick: Callable[[int], None],
) -> None:
    """A text with one window over it, and below it the window's inputs over its targets, with an arrow each.

    `start` is the window's first token, None if the text has none; from the token `cut` on, the text is for
    validation. `by_place` lines targets up with the same tokens among the inputs. `chances` (length,) in 0..1
    is what a model gives each target. A click on a token of the text gives its index.
    """
    check = index_below(len(pieces))
    data = {"label": label, "ids": [piece.id for piece in pieces], **names_of(pieces)}
    data |= {"start": check(start), "length": length, "cut": cut, "byPlace": by_place}
    data |= {"chances": None if chances is None else [percent(float(chance)) for chance in chances]}
    mount("windows", data, html=WINDOWS, key=key, check=check, on_pick=on_pick)
