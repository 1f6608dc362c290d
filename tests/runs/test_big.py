"""One run in two processes: as torchrun starts them, with the recipe and the worker that every run has."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from core.training import TrainEvent
from runs import StoreError, big, together
from runs.lock import holder
from runs.prepare import prepared
from runs.summon import ROOT
from runs.training import Training
from tests.runs.tiny import PATIENCE, RECIPE, wait_until, with_train

STEPS = 20
MODEL = replace(RECIPE.model, drop_rate=0.0)  # which units drop out depends on the number of processes
DOUBLED = replace(with_train(RECIPE, steps=STEPS), model=MODEL, batch_size=2 * RECIPE.batch_size)


@pytest.fixture
def torchrun(store, tmp_path):
    """Starts a recipe in two processes."""

    def start(recipe):
        file = tmp_path / "recipe.json"
        file.write_text(recipe.to_json(), encoding="utf-8")
        command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
        command += ["-m", "runs.big", "--recipe", str(file), "--home", str(store.home.folder)]
        return subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    return start


def said_by(process):
    """All that it has said, when it has ended."""
    return process.communicate(timeout=PATIENCE)[0]


def train_events(store, run_id):
    return [event for event in store.events(run_id) if isinstance(event, TrainEvent)]


def in_one_process(recipe):
    return list(Training.begin(prepared(recipe)).events())


def assert_equal(events, others):
    assert [event.step for event in events] == [event.step for event in others]
    for event, other in zip(events, others, strict=True):
        assert event.tokens_seen == other.tokens_seen
        assert event.learning_rate == other.learning_rate
        assert event.loss == pytest.approx(other.loss, abs=1e-4)
        assert event.grad_norm == pytest.approx(other.grad_norm, abs=1e-3)


def test_two_processes_learn_what_one_does_from_the_doubled_batch(store, torchrun):
    said = said_by(torchrun(DOUBLED))
    (status,) = store.runs("torchrun")
    assert (status.state, status.step) == ("done", STEPS), said
    assert f"?run={status.run_id}" in said
    assert_equal(train_events(store, status.run_id), in_one_process(DOUBLED))
    assert store.checkpoints(status.run_id)[-1] == STEPS
    assert store.facts(status.run_id)[-1].step == STEPS
    assert store.model(status.run_id, STEPS).config.vocab_size == store.tokenizer(status.run_id).vocab_size


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds the processes through /proc")
@pytest.mark.slow
def test_a_lost_process_pauses_the_run_and_the_same_command_goes_on(store, torchrun):
    recipe = replace(DOUBLED, eval_every=2)  # slow enough to be caught in the act
    process = torchrun(recipe)
    wait_until(lambda: any(status.step > 2 for status in store.runs("torchrun")))
    (status,) = store.runs("torchrun")
    os.kill(other_process(process.pid, holder(store.home.run_lock(status.run_id))), signal.SIGKILL)
    said = said_by(process)
    status = store.status(status.run_id)
    assert status.state == "paused", said
    assert "start it again" in status.reason
    assert 2 < status.step < STEPS
    said_by(torchrun(recipe))
    assert store.status(status.run_id).state == "done"
    assert_equal(train_events(store, status.run_id), in_one_process(recipe))


def other_process(parent, first):
    """The child of torchrun that is not process 0."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii").split()
    (other,) = {int(child) for child in children} - {first}
    return other


def test_a_recipe_that_is_trained_or_in_training_is_not_taken(store):
    run_id = big.take_run(store.home, DOUBLED, "ada")
    assert store.status(run_id).state == "starting"
    with pytest.raises(StoreError, match="just being trained"):
        big.take_run(store.home, DOUBLED, "ada")
    big.BigJournal(store.home.run_dir(run_id)).end("done")
    with pytest.raises(StoreError, match="trained already"):
        big.take_run(store.home, DOUBLED, "ada")


def test_a_run_whose_processes_are_stopped_rests(store):
    run_id = big.take_run(store.home, DOUBLED, "ada")
    big.BigJournal(store.home.run_dir(run_id)).give_back()
    assert store.status(run_id).state == "paused"
    assert "start it again" in store.status(run_id).reason


def test_a_batch_that_cannot_be_shared_out_is_refused(monkeypatch):
    monkeypatch.setattr(together.processes, "get_world_size", lambda: 3)
    with pytest.raises(ValueError, match="multiple of the 3 processes"):
        together.SharedTraining.of(Training.begin(prepared(DOUBLED)))


def test_what_is_no_recipe_is_told(tmp_path):
    for content in (b"", b"\xff", b"[]", b"{}", b'{"train": 3}'):
        (tmp_path / "recipe.json").write_bytes(content)
        with pytest.raises(ValueError, match="recipe"):
            big.read_recipe(tmp_path / "recipe.json")
    with pytest.raises(ValueError, match="no recipe"):
        big.read_recipe(tmp_path / "missing.json")
