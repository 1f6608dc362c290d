"""What the lessons of Pretraining say, trained from three seeds and checked. These need minutes."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from statistics import mean, stdev, variance

import pytest
import torch

from core.baselines import longest_copy
from core.excerpts import whole_windows
from core.gpt import build_model
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
SEEDS = (0, 1, 2)  # added to the seed of the recipe


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


def with_seed(recipe: Recipe, number: int) -> Recipe:
    """The same recipe from another seed."""
    return replace(recipe, seed=recipe.seed + number)


def seeds_of(recipe: Recipe) -> list[Trained]:
    """One recipe from several seeds: a lesson that holds from one only is luck."""
    return [run(with_seed(recipe, number)) for number in SEEDS]


def runs_of(experiment: str, number: int) -> list[Trained]:
    """All runs of an experiment, from one of the seeds."""
    return [run(with_seed(recipe, number)) for recipe in EXPERIMENTS[experiment].recipes.values()]


def assert_clear(found: Iterable[float], least: float = 0.0) -> None:
    """Every seed is above `least`, and the mean by more than two standard deviations of the seeds."""
    found = list(found)
    assert min(found) > least, found
    assert mean(found) - 2 * stdev(found) > least, found


def letter_count_loss(ready: Prepared) -> float:
    """What guessing costs that knows how common each token is, and nothing of the text before it."""
    counts = torch.bincount(ready.train_ids, minlength=ready.model.vocab_size) + 1.0
    return -(counts / counts.sum()).log()[ready.validation_ids].mean().item()


def shares_of_real_words(trained: Trained) -> list[float]:
    """How many of the words that the model writes are words of its text: in five texts of 400 letters."""
    ready, model = trained.training.prepared, trained.training.model.eval()
    known = set(DEFAULT.corpus_text.lower().split())
    prompt = ready.tokenizer.encode("It was lovely")
    shares = []
    for number in range(5):
        generator = torch.Generator().manual_seed(number)
        ids = list(generate(model, prompt, 400, temperature=0.8, generator=generator))
        words = ready.tokenizer.decode(ids).lower().split()
        shares.append(sum(word in known for word in words) / len(words))
    return shares


def test_the_lesson_about_cheating_presses_the_button_of_the_experiment():
    sets = next(one.sets for one in lesson("pretraining").tries if one.label == "Let it cheat")
    assert (sets["pretraining_tokenizer"], sets["pretraining_context"]) == ("char", "32")
    assert replace(with_model(DEFAULT, context_length=32), tokenizer="char", batch_size=16) == LETTERS


def test_without_the_mask_the_model_cheats():
    """The loss falls to almost nothing, and what it writes is no English."""
    pairs = [runs_of("mask_off", number) for number in SEEDS]
    assert_clear(0.2 - cheating.last.train_loss for _, cheating in pairs)
    assert_clear(masked.last.train_loss / 2 - cheating.last.train_loss for masked, cheating in pairs)
    assert_clear(masked.events[-1].loss / 2 - cheating.events[-1].loss for masked, cheating in pairs)
    honest = [share for masked, _ in pairs for share in shares_of_real_words(masked)]
    cheated = [share for _, cheating in pairs for share in shares_of_real_words(cheating)]
    error = (variance(honest) / len(honest) + variance(cheated) / len(cheated)) ** 0.5  # of the difference
    assert mean(honest) - mean(cheated) > 5 * error, (honest, cheated)
    assert mean(cheated) < 0.6 * mean(honest), (honest, cheated)


def test_without_positions_nothing_can_be_looked_up():
    pairs = [runs_of("no_positions", number) for number in SEEDS]
    gaps = [without.last.val_loss - with_positions.last.val_loss for with_positions, without in pairs]
    assert_clear(gaps, 0.4)
    prose = zip(seeds_of(with_model(LETTERS, position="none")), seeds_of(LETTERS), strict=True)
    in_prose = [without.last.val_loss - with_positions.last.val_loss for without, with_positions in prose]
    assert_clear(in_prose, 0.05)
    assert_clear(gap / 2 - small for gap, small in zip(gaps, in_prose, strict=True))  # what the notice says


def test_twelve_blocks_without_shortcuts_only_count_letters():
    pairs = [runs_of("no_residual", number) for number in SEEDS]
    counting = letter_count_loss(pairs[0][1].training.prepared)
    assert_clear((counting - with_them.last.val_loss for with_them, _ in pairs), 0.3)
    assert_clear(0.1 - abs(counting - without.last.val_loss) for _, without in pairs)
    for _, without in pairs:
        halfway = without.evaluations[len(without.evaluations) // 2]
        assert abs(halfway.val_loss - without.last.val_loss) < 0.1  # it soon stays there


def test_of_four_rates_one_is_right():
    found = [runs_of("learning_rates", number) for number in SEEDS]
    assert_clear(slow.last.val_loss - right.last.val_loss for _, slow, right, _ in found)
    assert_clear(slowest.last.val_loss - slow.last.val_loss for slowest, slow, _, _ in found)
    assert_clear(slowest.evaluations[-3].train_loss - slowest.last.train_loss for slowest, *_ in found)
    for slowest, _, _, wild in found:
        assert wild.last.val_loss > slowest.last.val_loss + 0.5
        assert max(event.loss for event in wild.events) > 1.5 * wild.events[0].loss  # above guessing


@pytest.mark.parametrize("number", SEEDS)
def test_a_page_is_learned_by_heart(number: int):
    tale, page = runs_of("overfit", number)
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
    pairs = [runs_of("induction", number) for number in SEEDS]
    ready = pairs[0][1].training.prepared.model
    assert head_scores(build_model(ready, LOOK_UP.seed)).induction.max() < 0.1
    born = [scores_of(two) for _, two in pairs]
    assert_clear((one.induction[1].max().item() for one in born), 0.4)
    assert_clear(0.1 - one.induction[0].max().item() for one in born)
    assert_clear(0.2 - scores_of(one).induction.max().item() for one, _ in pairs)
    for one in born:  # how sharply the first layer looks one token back differs from seed to seed
        assert one.previous_token[0].max() > 0.3 > 0.2 > one.previous_token[1].max()
    assert_clear((one.last.val_loss - two.last.val_loss for one, two in pairs), 0.5)


@pytest.mark.parametrize("number", SEEDS)
def test_the_loss_of_the_experiment_lies_still_and_then_drops(number: int):
    losses = [one.val_loss for one in runs_of("induction", number)[1].evaluations]
    falls = [before - after for before, after in pairwise(losses)]
    early, middle = sum(falls[:2]), sum(falls[2:6])
    assert early < 0.1 < 0.5 < middle


def test_gelu_and_relu_end_nearly_alike_and_without_a_bend_it_is_worse(monkeypatch):
    pairs = [runs_of("gelu_or_relu", number) for number in SEEDS]
    for gelu, relu in pairs:
        assert abs(gelu.last.val_loss - relu.last.val_loss) < 0.08
        assert abs(gelu.last.train_loss - relu.last.train_loss) < 0.08
    monkeypatch.setitem(FAST_ACTIVATIONS, "silu", lambda x: x)  # no run of this file has learned with it
    straight = seeds_of(with_model(LETTERS, activation="silu"))
    worse = [
        none.last.val_loss - max(gelu.last.val_loss, relu.last.val_loss)
        for none, (gelu, relu) in zip(straight, pairs, strict=True)
    ]
    assert_clear(worse, 0.05)
    assert_clear(0.2 - gap for gap in worse)


def test_relu_leaves_neurons_dead_and_gelu_none():
    pairs = [runs_of("gelu_or_relu", number) for number in SEEDS]
    assert not any(dead_neurons(gelu) for gelu, _ in pairs)
    assert sum(dead_neurons(relu) for _, relu in pairs) > 10  # few from one seed, more from another


def dead_neurons(trained: Trained) -> int:
    """How many never fire in the text that they have learned from."""
    windows = whole_windows(trained.training.prepared.train_ids[:4096].tolist(), 32)
    return int(firing(trained.training.model.eval(), windows).dead.sum())


@pytest.mark.parametrize("number", SEEDS)
def test_the_default_run_begins_at_guessing_and_then_learns_by_heart(number: int):
    default = run(with_seed(DEFAULT, number))
    guessing = math.log(default.training.prepared.model.vocab_size)
    assert default.events[0].loss == pytest.approx(guessing, abs=0.2)
    assert default.last.train_loss < default.events[0].loss / 2
    assert default.last.val_loss > default.last.train_loss + 1  # the rest it has only memorised


@pytest.mark.parametrize("number", SEEDS)
def test_validation_turns_up_while_training_falls(number: int):
    default = run(with_seed(DEFAULT, number))
    assert default.best.step < default.last.step
    assert default.last.val_loss > default.best.val_loss + 0.05
    assert default.last.train_loss < default.best.train_loss


@pytest.mark.parametrize("number", SEEDS)
def test_a_rate_of_one_throws_the_weights_about(number: int):
    recipe = with_seed(with_train(DEFAULT, steps=60), number)
    calm, wild = run(recipe).events, run(with_train(recipe, learning_rate=1.0)).events
    assert max(event.loss for event in wild) > 1.5 * max(event.loss for event in calm)
