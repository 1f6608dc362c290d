"""The model's own token table as a map: which rows are drawn, on whose axes, and what is lit."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from views import cache
from views.cache import embeddings as tables
from views.components.cloud import frame_of
from views.figures.base import visible
from views.here import Here
from views.look import Look
from views.text import safe

MOST_ROWS = 4000  # on one map: as much as a repaint may send
NEAREST = 12
ALL = "all"


@dataclass(frozen=True)
class Map:
    """Rows as points, (N, 3), with names; what is lit and chosen by place among the points."""

    points: np.ndarray
    names: list[str]
    rows: list[int]  # of the table
    shares: list[float]  # of the variance, along each direction
    marked: dict[str, list[int]]
    chosen: int
    frame: np.ndarray  # (2, 3) lowest and highest that is to be seen
    caption: str


@dataclass(frozen=True)
class Wanted:
    """What is to be seen on a map."""

    token: int  # row of the table
    search: str = ""
    isolated: int | str = ALL
    by: str = "cosine"


def axes_of(here: Here) -> Look:
    """Whose directions the map has: the last checkpoint's, so that they stay while others are shown."""
    steps = here.choice.steps
    return replace(here.untouched, step=steps[-1]) if steps else here.untouched


def token_map(here: Here, wanted: Wanted) -> Map:
    """The token table, or a part of it, on the axes of its last checkpoint; lit: what was asked for."""
    look, axes, vocabulary = here.untouched, axes_of(here), cache.vocabulary(here.untouched)
    first, others = min(len(vocabulary), MOST_ROWS), beyond(here, wanted)
    rows = [*range(first), *others]
    points, shares = tables.token_map(look, axes, first, others)
    last, _ = tables.token_map(axes, axes, first, others)
    if wanted.isolated != ALL:
        near, near_at_last = (
            {wanted.token, *nearest_rows(one, wanted, wanted.isolated)} for one in (look, axes)
        )
        kept = [place for place, row in enumerate(rows) if row in near]
        framed = [place for place, row in enumerate(rows) if row in near_at_last]
        rows, points, last = (
            [rows[place] for place in kept],
            points[kept],
            np.vstack([last[framed], np.zeros((1, 3))]),
        )
    places = {row: place for place, row in enumerate(rows)}
    names = [vocabulary[row] for row in rows]
    return Map(
        points=points,
        names=names,
        rows=rows,
        shares=shares,
        marked=lit(here, wanted, names, places),
        chosen=places[wanted.token],
        frame=frame_of(last),
        caption=caption_of(here, first, len(vocabulary), len(rows)),
    )


def beyond(here: Here, wanted: Wanted) -> tuple[int, ...]:
    """Rows past the first ones that are to be seen all the same: the prompt's, and the chosen one."""
    return tuple(sorted({i for i in (*here.prompt.ids, wanted.token) if i >= MOST_ROWS}))


def nearest_rows(look: Look, wanted: Wanted, count: int) -> list[int]:
    """The rows nearest to the chosen one."""
    return [row for row, _ in tables.neighbours(look, wanted.token, wanted.by, count)]


def lit(here: Here, wanted: Wanted, names: Sequence[str], places: dict[int, int]) -> dict[str, list[int]]:
    """What is lit on the map: what was searched for, or the nearest and the prompt's tokens."""
    if wanted.search:
        text = visible(wanted.search).lower()
        found = [place for place, name in enumerate(names) if text in visible(name).lower()]
        return {f"{len(found):,} contain “{visible(wanted.search)}”": found}
    near = [places[row] for row in nearest_rows(here.untouched, wanted, NEAREST) if row in places]
    prompt = sorted({places[row] for row in here.prompt.ids if row in places} - set(near))
    return {"nearest": near, "in the prompt": prompt}


def caption_of(here: Here, first: int, size: int, drawn: int) -> str:
    """Which rows are drawn, and whose directions the axes are."""
    part = (
        f"All {size:,} rows" if first == size else f"The first {first:,} of {size:,} rows, and the prompt's"
    )
    part = part if drawn >= first else f"{drawn:,} of {size:,} rows"
    steps = here.choice.steps
    whose = f" The axes are those of step {steps[-1]:,}: points move, axes stay." if len(steps) > 1 else ""
    return f"{part} of {safe(here.model_name)}.{whose} Drag to move, click a point to choose it."


def neighbours(here: Here, token: int, by: str) -> tuple[list[int], list[str], list[float]]:
    """The rows nearest to a token's, their names, and their cosines or distances."""
    vocabulary = cache.vocabulary(here.untouched)
    found = tables.neighbours(here.untouched, token, by, NEAREST)
    rows, values = [row for row, _ in found], [value for _, value in found]
    return rows, [vocabulary[row] for row in rows], values
