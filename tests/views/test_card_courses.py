"""What a training card says of courses: the four ways they can end, and those that cannot be compared."""

import string

import numpy as np
import pytest

from runs.presets import EXPERIMENTS
from views.cards import CARDS
from views.cards.card import TrainingCard, words_of
from views.course import Course
from views.phrases import fill

TRAINED = {card.key: card for cards in CARDS.values() for card in cards if isinstance(card, TrainingCard)}


def course(
    *validation: float,
    train: tuple[float, ...] = (),
    losses: tuple[float, ...] = (5.0, 3.0),
    scores: dict[str, float] | None = None,
) -> Course:
    train = train or validation
    return Course(
        scores={name: np.array([value]) for name, value in (scores or {}).items()},
        steps=np.arange(1, len(losses) + 1),
        losses=np.array(losses, dtype=float),
        eval_steps=10 * np.arange(len(validation)),
        train=np.array(train, dtype=float),
        validation=np.array(validation, dtype=float),
        sample="a\n tale",
    )


NOT_YET = course(losses=())
LOST = course(5.0, float("nan"))
HELD = {  # by card: courses, and which prediction they bear out
    "future": [((3.0, 1.0), 0), ((1.0, 3.0), 1), ((2.0, 2.05), 2)],
    "positions": [((1.0, 3.0), 0), ((2.0, 2.05), 1), ((3.0, 1.0), 2)],
    "deep": [((1.0, 3.0), 0), ((3.0, 1.0), 1), ((2.0, 2.05), 2)],
    "bend": [((1.0, 3.0), 0), ((3.0, 1.0), 1), ((2.0, 2.05), 2)],
    "four_rates": [
        ((3.0, 2.0, 2.5, 9.0), 1),
        ((3.0, 2.5, 2.0, 9.0), 1),
        ((1.0, 2.5, 2.0, 9.0), 0),
        ((3.0, 2.5, 2.0, 1.0), 2),
        ((3.0, 2.0, 2.5, float("nan")), 1),
    ],
}
PAIRS = [(key, ends, held) for key, cases in HELD.items() for ends, held in cases]


@pytest.mark.parametrize(("key", "ends", "held"), PAIRS)
def test_the_last_losses_decide(key: str, ends: tuple[float, ...], held: int):
    outcome = TRAINED[key].judge([course(5.0, end) for end in ends])
    assert outcome.held == held
    assert fits(key, outcome)


@pytest.mark.parametrize(
    ("page", "held"),
    [
        (course(5.0, 3.0, 2.0), 0),
        (course(5.0, 3.0, 4.0, train=(5.0, 3.0, 0.1)), 1),
        (course(5.0, 3.0, 4.0, train=(5.0, 3.0, 4.0)), 2),
        (course(5.0), 0),
    ],
)
def test_whether_validation_turns_up_while_training_falls(page: Course, held: int):
    outcome = TRAINED["by_heart"].judge([course(5.0, 2.0), page])
    assert outcome.held == held
    assert fits("by_heart", outcome)
    assert outcome.numbers["best"] == page.best


@pytest.mark.parametrize(
    ("ends", "held"), [((1.0, 0.0), 1), ((1.0, 1.0), 0), ((0.1, 0.0), 2), ((1.0, 0.5), 2)]
)
def test_whether_answers_stop_decides(ends: tuple[float, float], held: int):
    judge = next(card for card in CARDS["instructions"] if card.key == "stops").judge
    courses = [course(5.0, 2.0, scores={"stopped": end}) for end in ends]
    outcome = judge(courses)
    assert outcome.held == held
    assert fits("stops", outcome)
    with pytest.raises(ValueError, match="ever asked anything"):
        judge([courses[0], course(5.0, 2.0)])


def fits(key: str, outcome) -> bool:
    """The words can be filled in, and no number of them is none."""
    words = words_of(key)
    for text in (words.explanation, words.otherwise):
        names = {name for _, name, _, _ in string.Formatter().parse(text) if name}
        told = fill(text, outcome.numbers)
        assert names <= outcome.numbers.keys()
        assert "nan" not in told
        assert "inf" not in told.split()
    assert 0 <= outcome.held < len(words.predictions)
    return bool(outcome.seen)


@pytest.mark.parametrize("key", TRAINED)
def test_a_run_that_was_stopped_before_it_was_evaluated_decides_nothing(key: str):
    count = len(EXPERIMENTS[TRAINED[key].experiment].recipes)
    for empty in range(count):
        courses = [NOT_YET if number == empty else course(5.0, 2.0) for number in range(count)]
        with pytest.raises(ValueError, match=f"Run {empty + 1} of {count} ended before"):
            TRAINED[key].judge(courses)


@pytest.mark.parametrize("key", sorted(set(TRAINED) - {"four_rates"}))
def test_a_run_that_diverged_decides_nothing(key: str):
    with pytest.raises(ValueError, match="run 2 of 2 is no number"):
        TRAINED[key].judge([course(5.0, 2.0), LOST])


def test_of_four_rates_a_diverged_one_is_part_of_the_answer_but_not_all():
    judge = TRAINED["four_rates"].judge
    lost = course(5.0, float("inf"), losses=(5.0, float("nan")))
    outcome = judge([course(5.0, 3.0), course(5.0, 2.0), course(5.0, 2.5), lost])
    assert outcome.held == 1
    assert outcome.numbers["end_4"] == outcome.numbers["highest"] == "no number any more"
    assert fits("four_rates", outcome)
    with pytest.raises(ValueError, match="All four"):
        judge([LOST] * 4)
    with pytest.raises(ValueError, match="before its first step"):
        judge([course(5.0)] * 3 + [course(5.0, losses=())])
