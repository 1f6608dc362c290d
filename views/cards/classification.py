"""Classification's question: from which token is the answer read?"""

from collections.abc import Sequence

from runs.tuning import Classify
from views.cards.card import Outcome, TuningCard
from views.classification.settings import USUAL
from views.course import Course
from views.text import percent

CLEARLY = 0.1  # of the texts: a difference that another seed would not make
ACCURACY = "val_accuracy"
LAST, FIRST = (Classify(read=read, trained="all", length=USUAL) for read in ("last", "first"))


def which_token(courses: Sequence[Course]) -> Outcome:
    """Whether reading the last token sorts more texts rightly than reading the first."""
    last, first = map(accuracy, courses)
    return Outcome(
        held=0 if last > first + CLEARLY else 1 if first > last + CLEARLY else 2,
        seen=f"Read from the last token {percent(last)} of the texts are sorted rightly, from the first "
        f"{percent(first)}",
        numbers={"last": percent(last), "first": percent(first)},
    )


def accuracy(course: Course) -> float:
    """The share of watched texts that a run sorted rightly when last asked. ValueError if it never was."""
    found = course.scores.get(ACCURACY, ())
    if not len(found):
        raise ValueError(
            "A run ended before it was evaluated: there is nothing to compare. Start it again in Runs."
        )
    return float(found[-1])


CARDS = (
    TuningCard(
        "which_token",
        24,
        0,
        one=("last token", LAST),
        other=("first token", FIRST),
        score=ACCURACY,
        judge=which_token,
        chance=0.5,
    ),
)
