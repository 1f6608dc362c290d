"""Pretraining's questions: answered by the runs of its experiments."""

from collections.abc import Sequence

from views.cards.card import Outcome, TrainingCard
from views.course import Course
from views.text import shown

CLEARLY = 0.1  # nats: a difference that another seed would not make


def without_mask(courses: Sequence[Course]) -> Outcome:
    """Whose validation loss ends lower: the model that may look ahead, or the one that may not."""
    masked, free = (course.last[1] for course in courses)
    return Outcome(
        held=0 if free < masked - CLEARLY else 1 if free > masked + CLEARLY else 2,
        seen=f"With the mask the loss ends at {shown(masked)} nats, without it at {shown(free)}",
        numbers={"masked": masked, "free": free, "sample": " ".join(courses[1].sample[:60].split())},
    )


CARDS = (TrainingCard("future", 1, 0, "mask_off", without_mask),)
