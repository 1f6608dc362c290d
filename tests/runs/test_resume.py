from dataclasses import replace

import torch

from runs.prepare import prepared
from runs.resume import load_training, save_training
from runs.training import Training
from tests.runs.tiny import RECIPE, weights_of


def train_to(training, step):
    events = training.events()
    return [next(events).loss for _ in range(step - training.step)]


def assert_same(weights, others):
    assert all(torch.equal(weights[name], others[name]) for name in weights)


def test_watching_changes_nothing(uninterrupted):
    """Evaluations and samples leave the training's randomness alone."""
    losses, weights = uninterrupted
    training = Training.begin(prepared(RECIPE))
    seen = []
    for event in training.events():
        seen.append(event.loss)
        if training.step % 50 == 0:
            training.evaluate()
    assert seen == losses
    assert_same(weights, weights_of(training))


def test_without_a_checkpoint_there_is_nothing_to_resume(tmp_path):
    assert load_training(prepared(RECIPE), tmp_path) is None


def test_tied_weights_stay_tied(tmp_path):
    recipe = replace(RECIPE, model=replace(RECIPE.model, tie_weights=True))
    training = Training.begin(prepared(recipe))
    train_to(training, 3)
    save_training(training, tmp_path)
    again = load_training(prepared(recipe), tmp_path)
    assert again.model.out_head.weight.data_ptr() == again.model.tok_emb.weight.data_ptr()
    assert train_to(training, 6) == train_to(again, 6) or RECIPE.model.drop_rate > 0
