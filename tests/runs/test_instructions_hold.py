"""What fine-tuning on instructions reaches with its own recipes, trained and measured. These need minutes."""

from functools import cache

import pytest

from core.instructions import FAMILIES
from core.lora import trainable_count
from runs import Recipe
from runs.prepare import prepared
from runs.presets import PRESETS
from runs.training import Training
from views.cards import CARDS

pytestmark = pytest.mark.slow
WHOLE, THIN = PRESETS["instructions"], PRESETS["instructions_lora"]
GOOD, MANY = 0.8, 4  # a share of right answers, and the kinds of task that reach it


@cache
def trained(recipe: Recipe) -> tuple[Training, dict[str, float]]:
    """A recipe trained as its worker does it, and the scores at its end."""
    training = Training.begin(prepared(recipe))
    for _ in training.events():
        if training.evaluation_due():
            scores = training.evaluate().scores
    return training, scores


def exact(scores: dict[str, float]) -> float:
    """The share of right answers to the held-out items: of each kind there are as many."""
    return sum(scores[f"exact:{family}"] for family in FAMILIES) / len(FAMILIES)


@pytest.mark.parametrize("recipe", [WHOLE, THIN], ids=["all weights", "adapters"])
def test_held_out_items_are_answered_and_every_answer_ends(recipe: Recipe) -> None:
    _, scores = trained(recipe)
    good = [family for family in FAMILIES if scores[f"exact:{family}"] >= GOOD]
    assert len(good) >= MANY, scores
    assert min(scores[f"stopped:{family}"] for family in FAMILIES) >= 0.95


def test_few_numbers_learn_nearly_as_well() -> None:
    whole, thin = trained(WHOLE), trained(THIN)
    assert trainable_count(thin[0].model) <= 0.05 * trainable_count(whole[0].model)
    assert exact(thin[1]) >= exact(whole[1]) - 0.1


def test_without_the_end_among_the_targets_nothing_stops() -> None:
    card = next(card for card in CARDS["instructions"] if card.key == "stops")
    ending, endless = (trained(recipe)[1] for recipe in card.recipes().values())
    for family in FAMILIES:
        assert ending[f"stopped:{family}"] >= 0.95
        assert endless[f"stopped:{family}"] < 0.2


def test_new_tasks_cost_old_knowledge() -> None:
    """The old tales end up dearer than guessing would be: the meter of the page has something to show."""
    training, scores = trained(WHOLE)
    first = training.prepared.task.measure(training.prepared.task.begin(), last=False).scores["old_loss"]
    assert scores["old_loss"] > first + 1
