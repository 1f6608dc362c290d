"""Two arrows to turn and stretch by hand, with their dot product."""

import math
from collections.abc import Callable

from views.components.mounting import mount

ARROWS = '<div class="gb"><div class="plane"></div><div class="readout" role="status"></div></div>'
LONGEST = 3  # numbers from 0, in every direction
Turned = tuple[int, int, float]  # which arrow, its angle in whole degrees, its length


def checked(value: object) -> Turned | None:
    """An arrow as the browser sent it; None for anything that is no arrow."""
    if not isinstance(value, list | tuple) or len(value) != 3:
        return None
    which, angle, length = value
    if type(which) is not int or which not in (0, 1) or type(angle) is not int or not -180 <= angle <= 180:
        return None
    real = isinstance(length, int | float) and not isinstance(length, bool) and math.isfinite(length)
    return (which, angle, round(float(length), 1)) if real and 0 <= length <= LONGEST else None


def arrows(
    a: tuple[int, float],
    b: tuple[int, float],
    *,
    key: str,
    label: str,
    on_pick: Callable[[Turned], None],
) -> None:
    """Two vectors of two numbers as (angle in degrees, length), and the shadow of b on the line of a.

    Drag a tip to turn it, in steps of 5 degrees: the formula follows, and `on_pick` hears where it ends.
    """
    data = {"label": label, "a": list(a), "b": list(b), "most": LONGEST}
    mount("arrows", data, html=ARROWS, key=key, check=checked, on_pick=on_pick)
