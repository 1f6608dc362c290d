"""What the lessons of Pretraining say, trained and checked. These need minutes."""

import math
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

import pytest
import torch

from core.baselines import longest_copy
from core.excerpts import whole_windows
from core.gpt import GPTModel, build_model
from core.layers import FAST_ACTIVATIONS
from core.neurons import firing
from core.roles import HeadScores, head_scores
from core.sampling import generate
from core.training import TrainEvent
from runs import Recipe
from runs.events import EvalEvent
from runs.prepare import Prepared, prepared
from runs.presets import EXPERIMENTS, LETTERS, LOOK_UP, with_model, with_train
from runs.training import Training
from runs.worker import trouble_in
from views.lessons import lesson

pytestmark = pytest.mark.slow
DEFAULT = Recipe.preset()


@dataclass(frozen=True)
class Trained:
    """A run as its page shows it."""

    training: Training
    events: list[TrainEvent]
    evaluations: list[EvalEvent]

    @property
    def last(self) -> EvalEvent:
        return self.evaluations[-1]

    @property
    def best(self) -> EvalEvent:
        return min(self.evaluations, key=lambda one: one.val_loss)


@cache
def run(recipe: Recipe) -> Trained:
    """As the worker does it: a recipe that two experiments share is trained once."""
    training = Training.begin(prepared(recipe))
    events, evaluations = [], [training.evaluate()]
    for event in training.events():
        events.append(event)
        if training.evaluation_due():
            evaluations.append(training.evaluate())
    vocab_size = training.prepared.model.vocab_size
    assert not any(trouble_in(event, vocab_size) for event in [*events, *evaluations])  # ends as "done"
    return Trained(training, events, evaluations)


def runs_of(experiment: str) -> list[Trained]:
    return [run(recipe) for recipe in EXPERIMENTS[experiment].recipes.values()]


def letter_count_loss(ready: Prepared) -> float:
    """What guessing costs that knows how common each token is, and nothing of the text before it."""
    counts = torch.bincount(ready.train_ids, minlength=ready.model.vocab_size) + 1.0
    return -(counts / counts.sum()).log()[ready.validation_ids].mean().item()


def share_of_real_words(ready: Prepared, model: GPTModel) -> float:
    """How many of the words that the model writes are words of its text."""
    known = set(DEFAULT.corpus_text.lower().split())
    generator = torch.Generator().manual_seed(1)
    prompt = ready.tokenizer.encode("It was lovely")
    ids = list(generate(model.eval(), prompt, 400, temperature=0.8, generator=generator))
    words = ready.tokenizer.decode(ids).lower().split()
    return sum(word in known for word in words) / len(words)


def test_the_lesson_about_cheating_presses_the_button_of_the_experiment():
    sets = next(one.sets for one in lesson("pretraining").tries if one.label == "Let it cheat")
    assert (sets["pretraining_tokenizer"], sets["pretraining_context"]) == ("char", "32")
    assert replace(with_model(DEFAULT, context_length=32), tokenizer="char", batch_size=16) == LETTERS


def test_without_the_mask_the_model_cheats():
    """The loss falls to almost nothing, and what it writes is no English."""
    masked, cheating = runs_of("mask_off")
    assert cheating.last.train_loss < 0.2 < masked.last.train_loss / 2
    assert cheating.events[-1].loss < masked.events[-1].loss / 2
    honest = share_of_real_words(masked.training.prepared, masked.training.model)
    assert share_of_real_words(cheating.training.prepared, cheating.training.model) < honest / 2


def test_without_positions_nothing_can_be_looked_up():
    with_positions, without = runs_of("no_positions")
    gap = without.last.val_loss - with_positions.last.val_loss
    assert gap > 0.5
    in_prose = run(with_model(LETTERS, position="none")).last.val_loss - run(LETTERS).last.val_loss
    assert 0.05 < in_prose < gap / 2  # what the notice says of English


def test_twelve_blocks_without_shortcuts_only_count_letters():
    with_residual, without = runs_of("no_residual")
    counting = letter_count_loss(without.training.prepared)
    assert with_residual.last.val_loss < counting - 0.3
    assert without.last.val_loss > counting - 0.1
    halfway = without.evaluations[len(without.evaluations) // 2]
    assert abs(halfway.val_loss - without.last.val_loss) < 0.1  # it soon stays there


def test_of_four_rates_one_is_right():
    slowest, slow, right, wild = runs_of("learning_rates")
    assert right.last.val_loss < slow.last.val_loss < slowest.last.val_loss < wild.last.val_loss
    before_the_end = slowest.evaluations[-3]
    assert slowest.last.train_loss < before_the_end.train_loss - 0.05  # still on its way
    assert max(event.loss for event in wild.events) > 1.5 * wild.events[0].loss  # above guessing


def test_a_page_is_learned_by_heart():
    tale, page = runs_of("overfit")
    assert page.last.train_loss < 0.1
    assert page.last.val_loss > page.best.val_loss + 1
    assert page.best.step < tale.best.step < tale.last.step
    assert tale.last.train_loss > 1
    assert tale.last.val_loss < page.last.val_loss - 1
    text = page.training.prepared.recipe.corpus_text
    assert len(longest_copy(page.last.sample, text)) > len(page.last.sample) / 2


def scores_of(trained: Trained) -> HeadScores:
    return head_scores(trained.training.model)


def test_an_induction_head_is_born_in_the_second_of_two_layers():
    one, two = runs_of("induction")
    untrained = head_scores(build_model(two.training.prepared.model, LOOK_UP.seed))
    assert untrained.induction.max() < 0.1
    born = scores_of(two)
    assert born.induction[1].max() > 0.5 > 0.1 > born.induction[0].max()
    assert born.previous_token[0].max() > 0.5 > 0.2 > born.previous_token[1].max()
    assert scores_of(one).induction.max() < 0.2
    assert two.last.val_loss < one.last.val_loss - 0.5


def test_the_loss_of_the_experiment_lies_still_and_then_drops():
    losses = [one.val_loss for one in runs_of("induction")[1].evaluations]
    falls = [before - after for before, after in pairwise(losses)]
    early, middle = sum(falls[:2]), sum(falls[2:6])
    assert early < 0.1 < 0.5 < middle


@pytest.mark.parametrize("seed", [1, 2])
def test_an_induction_head_is_born_from_other_seeds_too(seed: int):
    born = scores_of(run(replace(LOOK_UP, seed=seed)))
    assert born.induction[1].max() > 0.3
    assert born.previous_token[0].max() > 0.4


def test_gelu_and_relu_end_nearly_alike_and_without_a_bend_it_is_worse(monkeypatch):
    gelu, relu = runs_of("gelu_or_relu")
    assert abs(gelu.last.val_loss - relu.last.val_loss) < 0.04
    assert abs(gelu.last.train_loss - relu.last.train_loss) < 0.04
    monkeypatch.setitem(FAST_ACTIVATIONS, "silu", lambda x: x)  # no run of this file has learned with it
    straight = run(with_model(LETTERS, activation="silu")).last.val_loss
    assert 0.05 < straight - max(gelu.last.val_loss, relu.last.val_loss) < 0.2


def test_relu_leaves_neurons_dead_and_gelu_none():
    gelu, relu = (dead_neurons(one) for one in runs_of("gelu_or_relu"))
    assert gelu == 0 < relu


def dead_neurons(trained: Trained) -> int:
    """How many never fire in the text that they have learned from."""
    windows = whole_windows(trained.training.prepared.train_ids[:4096].tolist(), 32)
    return int(firing(trained.training.model.eval(), windows).dead.sum())


def test_the_default_run_begins_at_guessing_and_then_learns_by_heart():
    default = run(DEFAULT)
    guessing = math.log(default.training.prepared.model.vocab_size)
    assert default.events[0].loss == pytest.approx(guessing, abs=0.2)
    assert default.last.train_loss < default.events[0].loss / 2
    assert default.last.val_loss > default.last.train_loss + 1  # the rest it has only memorised


def test_validation_turns_up_while_training_falls():
    default = run(DEFAULT)
    assert default.best.step < default.last.step
    assert default.last.val_loss > default.best.val_loss + 0.05
    assert default.last.train_loss < default.best.train_loss


def test_a_rate_of_one_throws_the_weights_about():
    calm = run(with_train(DEFAULT, steps=60)).events
    wild = run(with_train(DEFAULT, steps=60, learning_rate=1.0)).events
    assert max(event.loss for event in wild) > 1.5 * max(event.loss for event in calm)
