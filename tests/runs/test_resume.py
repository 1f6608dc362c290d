import random
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file, save_file

from runs import resume
from runs.prepare import prepared
from runs.resume import LAST, PREVIOUS, load_training, save_training
from runs.training import Training
from tests.runs.tiny import RECIPE, weights_of


def train_to(training, step):
    events = training.events()
    return [next(events).loss for _ in range(step - training.step)]


def finish(folder):
    """Losses and weights of what is left after the checkpoint, with all randomness disturbed before."""
    torch.manual_seed(random.randrange(2**32))
    training = load_training(prepared(RECIPE), folder)
    return [event.loss for event in training.events()], weights_of(training)


def assert_same(weights, others):
    assert all(torch.equal(weights[name], others[name]) for name in weights)


@pytest.mark.parametrize("step", [0, 1, 77, 199])
def test_resume_is_bit_for_bit(step, tmp_path, uninterrupted):
    losses, weights = uninterrupted
    training = Training.begin(prepared(RECIPE))
    assert train_to(training, step) == losses[:step]
    save_training(training, tmp_path)
    rest, resumed = finish(tmp_path)
    assert rest == losses[step:]
    assert_same(weights, resumed)


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


@pytest.mark.parametrize("left_out", ["random.torch", "random.data", "optimizer."])
def test_everything_in_the_checkpoint_is_needed(left_out, tmp_path, uninterrupted, monkeypatch):
    losses, _ = uninterrupted
    training = Training.begin(prepared(RECIPE))
    train_to(training, 77)
    save_training(training, tmp_path)
    fresh = resume.tensors_of(Training.begin(prepared(RECIPE)))  # what a process has that did not get it back
    tensors, facts = resume.read_checkpoint(tmp_path / LAST)
    kept = {name: tensor for name, tensor in tensors.items() if not name.startswith(left_out)}
    kept |= {name: tensor for name, tensor in fresh.items() if name.startswith(left_out)}
    monkeypatch.setattr(resume, "read_checkpoint", lambda path: (kept, facts))
    rest, _ = finish(tmp_path)
    assert rest != losses[77:]


@pytest.mark.parametrize("damage", [b"", b"nonsense", b"\xff" * 100])
def test_a_damaged_checkpoint_falls_back_to_the_one_before(damage, tmp_path, uninterrupted):
    losses, weights = uninterrupted
    training = Training.begin(prepared(RECIPE))
    train_to(training, 5)
    save_training(training, tmp_path)
    train_to(training, 9)
    save_training(training, tmp_path)
    assert (tmp_path / PREVIOUS).exists()
    whole = (tmp_path / LAST).read_bytes()
    (tmp_path / LAST).write_bytes(damage or whole[: len(whole) // 2])
    rest, resumed = finish(tmp_path)
    assert rest == losses[5:]
    assert_same(weights, resumed)


def test_without_a_checkpoint_there_is_nothing_to_resume(tmp_path):
    assert load_training(prepared(RECIPE), tmp_path) is None


def test_a_checkpoint_with_broken_weights_is_not_taken_up(tmp_path):
    training = Training.begin(prepared(RECIPE))
    save_training(training, tmp_path)
    tensors, facts = load_file(tmp_path / LAST), resume.facts_of(training)
    tensors["model.tok_emb.weight"][0, 0] = torch.nan
    save_file(tensors, tmp_path / LAST, metadata={"glassbox": resume.json.dumps(facts)})
    assert load_training(prepared(RECIPE), tmp_path) is None


def test_another_version_or_thread_count_is_noticed(tmp_path, monkeypatch):
    assert resume.same_bits(tmp_path)
    save_training(Training.begin(prepared(RECIPE)), tmp_path)
    assert resume.same_bits(tmp_path)
    monkeypatch.setattr(resume.torch, "get_num_threads", lambda: 7)
    assert not resume.same_bits(tmp_path)


def test_tied_weights_stay_tied(tmp_path):
    recipe = replace(RECIPE, model=replace(RECIPE.model, tie_weights=True))
    training = Training.begin(prepared(recipe))
    train_to(training, 3)
    save_training(training, tmp_path)
    again = load_training(prepared(recipe), tmp_path)
    assert again.model.out_head.weight.data_ptr() == again.model.tok_emb.weight.data_ptr()
    assert train_to(training, 6) == train_to(again, 6) or RECIPE.model.drop_rate > 0
