"""The runs of a person's list, each in the words and numbers of its row."""

from typing import NamedTuple

import numpy as np

from runs import RunStatus, StoreError
from runs.differences import SAME
from runs.shelf import Entry
from views import cache, catalogue, run_actions, run_names, state, ui
from views.components.run_rows import RunRow
from views.course import Course
from views.figures.overlay import SIGNS
from views.text import shown

AT_WORK = ("queued", "starting", "running")
KINDS = dict.fromkeys(AT_WORK, "works") | {"diverged": "wrong", "failed": "wrong"}
MOST = 60  # runs in the list
NEIGHBOURS = 4  # runs before it that a run is compared with, to say in what it differs
SPARKS = 40  # points of a small curve


class Listed(NamedTuple):
    """One run with all that the list says about it."""

    entry: Entry
    status: RunStatus
    course: Course
    name: str


def listed() -> list[Listed]:
    """A person's list, pinned first, then newest first; what is just being removed is left out.

    The run that all pages look into is among them, also if it is known by its link alone.
    """
    found, entries = [], cache.entries_of(state.owner())
    shown_entries = entries[:MOST]
    if (linked := state.model_key()) not in {one.run_id for one in shown_entries}:
        own = [one for one in entries[MOST:] if one.run_id == linked]
        shown_entries = [*shown_entries, *(own or linked_entry(linked))]
    for entry in shown_entries:
        try:
            status = cache.status_of(entry.run_id)
            course = cache.course_of(entry.run_id, status.state, status.step, status.life)
            name = entry.name or catalogue.run_label(cache.store(), entry.run_id, entry.mine)
            found.append(Listed(entry, status, course, name))
        except StoreError:
            continue
    return found


def linked_entry(run_id: str) -> list[Entry]:
    """A run that is on no list of this person, as an entry; none if it is no run here, or they deleted it."""
    away = {one.run_id for one in cache.entries_of(state.owner(), True)}
    if run_id in away or not catalogue.is_run(cache.store(), run_id):
        return []
    try:
        status = cache.status_of(run_id)
    except StoreError:
        return []
    nothing = dict.fromkeys(("mine", "shared", "pinned", "deleted"), False)
    return [Entry(run_id=run_id, name="", life=status.life, pruned=status.pruned, **nothing)]


def row_of(one: Listed, everything: list[Listed]) -> RunRow:
    """A run in the words of the list."""
    entry, status, course = one.entry, one.status, one.course
    laid = run_actions.laid_over()
    place = laid.index(entry.run_id) if entry.run_id in laid and len(laid) > 1 else None
    badges = (("pinned", entry.pinned), ("class", entry.shared), ("no checkpoints", status.pruned))
    return RunRow(
        id=entry.run_id,
        name=one.name,
        said=told_apart(one, everything),
        badges=tuple(word for word, holds in badges if holds),
        state=run_names.how_it_stands(status),
        kind=KINDS.get(status.state, "rests"),
        progress=round(100 * status.step / max(1, status.steps)),
        spark=spark(course),
        validation=shown(course.last[1]) if course.last else "–",
        train=f"training {shown(course.last[0])}" if course.last else "",
        created=status.created,
        sign="" if place is None else SIGNS[place],
        colour="" if place is None else ui.palette().runs[place],
    )


def told_apart(one: Listed, everything: list[Listed]) -> str:
    """In what a run differs from its parent, or from the nearest of the default and the runs before it."""
    by_id = {other.entry.run_id: other for other in everything}
    near = sorted(everything, key=lambda other: -other.status.created)
    before = [other for other in near if other.status.created < one.status.created][:NEIGHBOURS]
    parent = by_id.get(one.status.parent or "")
    said = [(difference_from(one, base), base) for base in ([parent] if parent else [None, *before])]
    words, base = min(said, key=lambda pair: pair[0].count(",") + 4 * (" more" in pair[0]))
    as_base = f"as {base.entry.name or f'run {base.entry.run_id[:4]}'}" if base else "as the default"
    return words.replace("same but", f"{as_base}, but", 1) if words != SAME else f"{words} {as_base}"


def difference_from(one: Listed, base: Listed | None) -> str:
    """What tells a run from another one, or from the default."""
    key = one.status.key
    if base is None:
        return cache.difference_of(one.entry.run_id, key)
    return cache.difference_of(one.entry.run_id, key, base.entry.run_id, base.status.key)


def spark(course: Course) -> tuple[int, ...]:
    """The validation losses in percent of the first, at most SPARKS of them: (M,)."""
    losses = course.validation[np.isfinite(course.validation)]
    if losses.size < 2 or losses[0] <= 0:
        return ()
    kept = losses[np.unique(np.linspace(0, losses.size - 1, SPARKS).astype(int))]
    return tuple(int(value) for value in np.clip(100 * kept / losses[0], 0, 105))
