"""What the training cards teach: runs from three seeds, judged as on the page. These need minutes."""

import pytest

from runs.presets import EXPERIMENTS
from tests.runs.test_lessons_hold import SEEDS, Trained, runs_of
from views.cards import CARDS
from views.cards.card import TrainingCard
from views.course import Course, course_from

pytestmark = pytest.mark.slow
TRAINED = [card for cards in CARDS.values() for card in cards if isinstance(card, TrainingCard)]
NUMBERS = {  # what the explanation says of them has to be so
    "future": lambda found: found["free"] < 0.2 < found["masked"] / 2,
    "four_rates": lambda found: found["end_3"] < found["end_2"] < found["end_1"] < found["highest"],
    "positions": lambda found: found["gap"] > 0.4,
    "bend": lambda found: float(found["gap"]) < 0.08,
    "deep": lambda found: found["one"] < found["other"] - 0.3,
    "by_heart": lambda found: (
        found["train"] < 0.2 and found["end"] > found["best"] + 1 and found["tale_end"] < found["end"] - 1
    ),
}


def course_of(trained: Trained) -> Course:
    return course_from([*trained.events, *trained.evaluations])


@pytest.mark.parametrize("number", SEEDS)
@pytest.mark.parametrize("card", TRAINED, ids=lambda card: card.key)
def test_the_runs_bear_out_the_lesson(card: TrainingCard, number: int):
    courses = [course_of(one) for one in runs_of(card.experiment, number)]
    assert len(courses) == len(EXPERIMENTS[card.experiment].recipes)
    outcome = card.judge(courses)
    assert outcome.held == card.lesson, outcome.seen
    assert NUMBERS[card.key](outcome.numbers), outcome.numbers


@pytest.mark.parametrize("number", SEEDS)
def test_the_highest_rate_rises_above_where_it_began(number: int):
    outcome = next(card for card in TRAINED if card.key == "four_rates").judge(
        [course_of(one) for one in runs_of("learning_rates", number)]
    )
    assert outcome.numbers["highest"] > outcome.numbers["start"]
