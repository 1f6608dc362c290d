"""Pretraining's questions: answered by the runs of its experiments."""

import math
from collections.abc import Sequence

import numpy as np

from views.cards.card import Outcome, TrainingCard
from views.cards.courses import finite, lasts
from views.course import Course
from views.text import shown

CLEARLY = 0.1  # nats: a difference that another seed would not make


def without_mask(courses: Sequence[Course]) -> Outcome:
    """Whose validation loss ends lower: the model that may look ahead, or the one that may not."""
    masked, free = finite(courses)
    return Outcome(
        held=0 if free < masked - CLEARLY else 1 if free > masked + CLEARLY else 2,
        seen=f"With the mask the loss ends at {shown(masked)} nats, without it at {shown(free)}",
        numbers={"masked": masked, "free": free, "sample": " ".join(courses[1].sample[:60].split())},
    )


def four_rates(courses: Sequence[Course]) -> Outcome:
    """Which of four learning rates, each higher than the one before, ends lowest."""
    ends = [loss if math.isfinite(loss) else math.inf for loss in lasts(courses)]
    best = int(np.argmin(ends))
    if not math.isfinite(ends[best]):
        raise ValueError("All four runs have diverged: no loss is left to compare. Look at them in Runs.")
    first, last = 0, len(ends) - 1
    if not courses[last].losses.size:
        raise ValueError("The run with the highest rate ended before its first step. Start it again in Runs.")
    return Outcome(
        held=2 if best == last else 0 if best == first else 1,
        seen="The four losses end at " + ", ".join(map(shown, ends)) + " nats",
        numbers={f"end_{number}": told(loss) for number, loss in enumerate(ends, start=1)}
        | {"highest": told(highest(courses[last])), "start": told(float(courses[last].losses[0]))},
    )


def highest(course: Course) -> float:
    """The highest loss of a run; no number if it had one that was none."""
    return float(course.losses.max())


def told(loss: float) -> float | str:
    """A loss, or the word for one that has been lost."""
    return loss if math.isfinite(loss) else "no number any more"


def without_positions(courses: Sequence[Course]) -> Outcome:
    """How much order is worth where everything depends on it."""
    with_them, without = finite(courses)
    gap = without - with_them
    return Outcome(
        held=0 if gap > CLEARLY else 2 if gap < -CLEARLY else 1,
        seen=f"With positions the loss ends at {shown(with_them)} nats, without at {shown(without)}",
        numbers={"one": with_them, "other": without, "gap": gap},
    )


def by_heart(courses: Sequence[Course]) -> Outcome:
    """What the validation loss of the model that reads one page does, after its lowest point."""
    finite(courses)
    tale, page = courses
    risen = page.last[1] - page.best
    falling = page.last[0] < page.train[int(np.nanargmin(page.validation))] - CLEARLY
    return Outcome(
        held=(1 if falling else 2) if risen > CLEARLY else 0,
        seen=f"One page: validation falls to {page.best:.2f} nats and ends at {page.last[1]:.2f}, while the "
        f"training loss ends at {page.last[0]:.2f}",
        numbers={
            "best": page.best,
            "best_step": int(page.eval_steps[int(np.nanargmin(page.validation))]),
            "end": page.last[1],
            "train": page.last[0],
            "tale_end": tale.last[1],
            "tale_train": tale.last[0],
        },
    )


PRETRAINING = (
    TrainingCard("future", 1, 0, "mask_off", without_mask),
    TrainingCard("four_rates", 17, 1, "learning_rates", four_rates),
    TrainingCard("positions", 7, 0, "no_positions", without_positions),
)
RUNS = (TrainingCard("by_heart", 18, 1, "overfit", by_heart),)
