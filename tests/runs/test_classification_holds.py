"""What Classification teaches, trained and checked as its card trains it. These need minutes."""

import pytest

from runs.prepare import prepared
from runs.training import Training
from views import cache
from views.cards.card import tuned_recipe
from views.cards.classification import ACCURACY, CARDS
from views.classification.settings import USUAL
from views.course import Course, course_from

pytestmark = pytest.mark.slow
ENOUGH = 0.85  # of the texts that are watched, sorted rightly
NEAR_CHANCE = 0.6  # of 200 texts half are right by guessing, with 3.5 % of standard deviation


def trained(recipe) -> Course:
    """The course of a run."""
    training = Training.begin(prepared(recipe, home=cache.store().home))
    events = [training.evaluate()]
    for event in training.events():
        events.append(event)
        if training.evaluation_due():
            events.append(training.evaluate())
    return course_from(events)


def test_the_default_recipe_sorts_and_the_first_token_stays_near_a_guess():
    (card,) = CARDS
    last, first = map(trained, card.recipes().values())
    outcome = card.judge([last, first])
    assert outcome.held == card.lesson, outcome.seen
    assert last.scores[ACCURACY][-1] >= ENOUGH, outcome.seen
    assert first.scores[ACCURACY][-1] <= NEAR_CHANCE, outcome.seen


def test_the_card_learns_what_the_page_learns_if_nothing_else_is_chosen():
    (card,) = CARDS
    recipe = tuned_recipe(card.one[1])
    assert (recipe.tuning.data, recipe.tuning.length, recipe.tuning.trained) == ("novels", USUAL, "all")
