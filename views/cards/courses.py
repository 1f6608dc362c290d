"""What a training card reads from the courses of its runs."""

import math
from collections.abc import Sequence

from views.course import Course


def lasts(courses: Sequence[Course]) -> list[float]:
    """The last validation loss of each run. ValueError, in a learner's words, if one has none to compare."""
    found = []
    for number, course in enumerate(courses, start=1):
        last = course.last
        if last is None:
            raise ValueError(
                f"Run {number} of {len(courses)} ended before it was evaluated: there is nothing to compare. "
                "Look at it in Runs, and start it again."
            )
        found.append(last[1])
    return found


def finite(courses: Sequence[Course]) -> list[float]:
    """The last validation losses. ValueError if one is no number: such a run has diverged."""
    found = lasts(courses)
    for number, loss in enumerate(found, start=1):
        if not math.isfinite(loss):
            raise ValueError(
                f"The loss of run {number} of {len(found)} is no number any more: it has diverged, and its "
                "last loss cannot be compared. Start it again in Runs, with a lower learning rate."
            )
    return found
