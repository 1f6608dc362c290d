"""Real runs in real processes, under a real dispatcher."""

import errno
import math
from dataclasses import replace

import pytest
import torch

from core.training import TrainEvent
from runs import EvalEvent, StoreError, queue, worker
from runs.database import writing
from runs.facts import fingerprint
from runs.worker import disk_is_full, trouble_in
from tests.runs.tiny import ENDED, wait_for_state, wait_until, with_train


def losses_of(store, run_id):
    return [event.loss for event in store.events(run_id) if isinstance(event, TrainEvent)]


def assert_equals(store, run_id, uninterrupted):
    losses, weights = uninterrupted
    assert losses_of(store, run_id) == losses
    last = store.facts(run_id)[-1]
    assert (last.step, last.fingerprint) == (200, fingerprint(weights.values()))  # of all bits of all weights


def test_a_finished_run_can_be_looked_at(live, recipe, uninterrupted):
    run_id = live.start(recipe, "ada")
    wait_for_state(live, run_id, *ENDED)
    evaluations = [event for event in live.events(run_id) if isinstance(event, EvalEvent)]
    assert [event.step for event in evaluations] == [0, 100, 200]
    assert evaluations[-1].train_loss < evaluations[0].train_loss
    assert all(event.sample.startswith("the quick brown") for event in evaluations)
    steps = live.checkpoints(run_id)
    assert steps[0] == 0
    assert steps[-1] == 200
    assert torch.equal(
        live.model(run_id, 200).tok_emb.weight, uninterrupted[1]["tok_emb.weight"].half().float()
    )
    assert live.tokenizer(run_id).decode(live.tokenizer(run_id).encode("fox")) == "fox"
    with pytest.raises(StoreError, match="no checkpoint of step 3"):
        live.model(run_id, 3)


def test_stop_keeps_the_model(live, recipe):
    run_id = live.start(with_train(recipe, steps=100_000), "ada")
    wait_until(lambda: live.status(run_id).step > 20)
    live.command(run_id, "stop")
    status = wait_for_state(live, run_id, *ENDED)
    assert status.state == "stopped"
    assert live.checkpoints(run_id)[-1] == status.step == len(losses_of(live, run_id))


def test_pause_and_play_go_on_bit_for_bit(live, recipe, uninterrupted):
    recipe = replace(recipe, eval_every=199)  # another key, the same training
    run_id = live.start(recipe, "ada")
    wait_until(lambda: live.status(run_id).step > 0)
    live.command(run_id, "pause")
    if wait_for_state(live, run_id, "paused", *ENDED).state == "paused":
        live.command(run_id, "play")
    wait_for_state(live, run_id, *ENDED)
    assert_equals(live, run_id, uninterrupted)


def test_a_fault_in_the_recipe_is_told(live, recipe):
    """Byte pairs make fewer tokens than there are bytes: of a long text only the worker can know."""
    text = "abcdefgh" * 13_000
    run_id = live.start(replace(recipe, text=text, tokenizer="bpe"), "ada")
    status = wait_for_state(live, run_id, *ENDED)
    assert status.state == "failed"
    assert "tokens" in status.reason


def test_what_counts_as_trouble():
    fine = TrainEvent(3, 8, 4.0, 1.0, 1e-3)
    assert not trouble_in(fine, 50)
    assert "no longer a number" in trouble_in(replace(fine, loss=math.nan), 50)
    assert "no longer a number" in trouble_in(replace(fine, grad_norm=math.inf), 50)
    assert "exploded" in trouble_in(replace(fine, loss=1000.0), 50)
    assert "step 3" in trouble_in(EvalEvent(3, math.nan, 1.0, "", 0.0), 50)


@pytest.fixture
def work_here(store, monkeypatch):
    """Be the worker of a recipe in this very process."""
    monkeypatch.setattr(worker, "settle_down", lambda: None)
    monkeypatch.setattr(worker.signal, "signal", lambda *_: None)

    def work(recipe):
        run_id = store.start(recipe, "ada")
        with writing(store.home.database) as database:
            queue.claim(database, slots=1)
        store.home.run_dir(run_id).mkdir()
        assert worker.work(store.home.run_dir(run_id)) == 0
        return run_id

    return work


def test_no_checkpoint_is_ahead_of_the_events(store, recipe, monkeypatch, work_here):
    """A worker that is killed after a checkpoint will not do its steps again: they must have been told."""
    told = []

    def save(training, run_dir):
        told.append(len(losses_of(store, run_dir.name)) == training.step)

    monkeypatch.setattr(worker, "save_training", save)
    monkeypatch.setattr(worker, "CHECKPOINT_EVERY", 0.01)
    monkeypatch.setattr(worker, "EVENTS_EVERY", 1000.0)
    work_here(with_train(recipe, steps=50))
    assert len(told) > 2
    assert all(told)


def test_a_full_disk_is_told_from_other_faults():
    assert disk_is_full(OSError(errno.ENOSPC, "no space left"))
    assert not disk_is_full(OSError(errno.EACCES, "not allowed"))
    assert not disk_is_full(StoreError("locked"))
