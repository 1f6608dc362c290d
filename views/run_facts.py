"""The numbers that the lesson on runs quotes."""

from collections.abc import Sequence

from runs import storyteller
from runs.settings import settings
from views import cache, catalogue
from views.course import course_from
from views.runs_listed import Listed


def lesson_numbers(runs: Sequence[Listed]) -> dict[str, object]:
    """How many runs there are, which has the lowest loss, and how much room all of them take."""
    lowest = {recipe_name(one): one.course.best for one in reversed(runs) if one.course.best is not None}
    lowest = lowest or {"the bundled Storyteller": course_from(storyteller.evaluations()).best}
    best = min(lowest, key=lowest.__getitem__)
    return {
        "count": len(runs),
        "listed": len(runs) or None,
        "mine": sum(one.entry.mine for one in runs),
        "shared": sum(one.entry.shared for one in runs),
        "lowest": lowest[best],
        "lowest_name": best,
        "room": room(cache.room_taken()),
        "quota": room(settings().disk_bytes),
    }


def recipe_name(one: Listed) -> str:
    """What a run is called by its recipe; the name that a person gave it is for the list."""
    return catalogue.run_label(cache.store(), one.entry.run_id, one.entry.mine)


def room(count: float) -> str:
    """Bytes as people read them."""
    unit = 2**30 if count >= 2**30 else 2**20
    return f"{count / unit:.3g} {'GiB' if unit == 2**30 else 'MiB'}"
