"""What the lessons of Pretraining say, trained and checked. These need minutes."""

import math
from dataclasses import replace

import pytest
import torch

from core.gpt import GPTModel
from core.sampling import generate
from core.training import TrainEvent
from runs import Recipe
from runs.prepare import Prepared, prepared
from runs.training import Training
from views.lessons import lesson

pytestmark = pytest.mark.slow
DEFAULT = Recipe.preset()


def trained(recipe: Recipe) -> tuple[Training, list[TrainEvent]]:
    training = Training.begin(prepared(recipe))
    return training, list(training.events())


def with_model(**changes: object) -> Recipe:
    return replace(DEFAULT, model=replace(DEFAULT.model, **changes))


def share_of_real_words(ready: Prepared, model: GPTModel) -> float:
    """How many of the words that the model writes are words of its text."""
    known = set(DEFAULT.corpus_text.lower().split())
    generator = torch.Generator().manual_seed(1)
    prompt = ready.tokenizer.encode("It was lovely")
    ids = list(generate(model.eval(), prompt, 400, temperature=0.8, generator=generator))
    words = ready.tokenizer.decode(ids).lower().split()
    return sum(word in known for word in words) / len(words)


def test_without_the_mask_the_model_cheats():
    """As the lesson's button sets it: the loss falls to almost nothing, and what it writes is no English."""
    sets = next(one.sets for one in lesson("pretraining").tries if one.label == "Let it cheat")
    assert (sets["pretraining_tokenizer"], sets["pretraining_context"]) == ("char", "32")
    letters = replace(with_model(context_length=32), tokenizer="char", batch_size=16)
    masked, masked_events = trained(letters)
    cheating, cheating_events = trained(replace(letters, model=replace(letters.model, causal=False)))
    assert cheating_events[-1].loss < 0.3 < masked_events[-1].loss / 2
    honest = share_of_real_words(masked.prepared, masked.model)
    assert share_of_real_words(cheating.prepared, cheating.model) < honest / 2


def test_the_default_run_begins_at_guessing_and_then_learns_by_heart():
    training, events = trained(DEFAULT)
    assert events[0].loss == pytest.approx(math.log(training.prepared.model.vocab_size), abs=0.2)
    last = training.evaluate()
    assert last.train_loss < events[0].loss / 2
    assert last.val_loss > last.train_loss + 1  # the rest it has only memorised


def test_validation_turns_up_while_training_falls():
    training = Training.begin(prepared(DEFAULT))
    found = []
    for event in training.events():
        if event.step % 40 == 0:
            found.append(training.evaluate())
    best = min(found, key=lambda one: one.val_loss)
    assert best.step < found[-1].step
    assert found[-1].val_loss > best.val_loss + 0.05
    assert found[-1].train_loss < best.train_loss


def test_a_rate_of_one_throws_the_weights_about():
    calm = trained(replace(DEFAULT, train=replace(DEFAULT.train, steps=60)))[1]
    wild = trained(replace(DEFAULT, train=replace(DEFAULT.train, steps=60, learning_rate=1.0)))[1]
    assert max(event.loss for event in wild) > 1.5 * max(event.loss for event in calm)
