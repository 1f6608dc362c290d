"""The store without any worker: starts, quota, orders, events, and a file that is no database."""

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from core.training import TrainEvent
from runs import EvalEvent, NotAllowedError, QuotaError, open_store
from runs import queue as turns
from runs.database import writing
from runs.home import default_folder
from runs.journal import Journal


def seeded(recipe, seed):
    return replace(recipe, seed=seed)


def claim(store, slots=1):
    with writing(store.home.database) as database:
        return turns.claim(database, slots)


def end(store, run_id, state="done"):
    Journal(store.home.run_dir(run_id)).end(state)


def test_a_start_waits_in_the_queue(store, recipe):
    run_id = store.start(recipe, "ada")
    status = store.status(run_id)
    assert (status.state, status.step, status.steps, status.position) == ("queued", 0, 200, 1)
    assert len(run_id) == 32
    assert store.recipe(run_id) == recipe
    assert store.events(run_id) == []
    assert store.checkpoints(run_id) == []
    assert store.tokenizer(run_id).vocab_size == len(set(recipe.text))


def test_a_double_click_starts_once(store, recipe):
    first = store.start(recipe, "ada", click="c1")
    store.command(first, "stop")
    assert store.start(recipe, "ada", click="c1") == first
    assert store.start(recipe, "ada", click="c2") != first
    assert len(store.runs("ada")) == 2


def test_thirty_people_share_one_computation(store, recipe):
    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(lambda number: store.start(recipe, f"person {number}", click="x"), range(30)))
    assert len(ids) == 1
    assert all(len(store.runs(f"person {number}")) == 1 for number in range(30))


@pytest.mark.parametrize(
    ("state", "joined"), [("done", True), ("diverged", True), ("failed", False), ("stopped", False)]
)
def test_which_runs_are_joined(store, recipe, state, joined):
    run_id = store.start(recipe, "ada")
    claim(store)
    end(store, run_id, state)
    assert (store.start(recipe, "bob") == run_id) is joined


def test_quota_is_one_in_training_and_three_waiting(store, recipe):
    ids = [store.start(seeded(recipe, seed), "ada") for seed in range(4)]
    with pytest.raises(QuotaError, match="3 waiting"):
        store.start(seeded(recipe, 9), "ada")
    assert store.start(seeded(recipe, 0), "ada") == ids[0]  # joining is free
    store.start(seeded(recipe, 9), "bob")
    store.command(ids[3], "stop")
    store.start(seeded(recipe, 10), "ada")


def test_the_queue_is_fair(store, recipe):
    ada = [store.start(seeded(recipe, seed), "ada") for seed in range(3)]
    bob = [store.start(seeded(recipe, seed), "bob") for seed in range(10, 12)]
    order = [ada[0], bob[0], ada[1], bob[1], ada[2]]
    assert [store.status(run_id).position for run_id in order] == [1, 2, 3, 4, 5]
    assert [claim(store, slots=4) for _ in range(3)] == [ada[0], bob[0], None]  # each trains one at a time
    end(store, ada[0])
    assert claim(store, slots=2) == ada[1]
    assert claim(store, slots=2) is None


def test_pause_and_play_of_a_waiting_run(store, recipe):
    run_id = store.start(recipe, "ada")
    store.command(run_id, "pause")
    assert store.status(run_id).state == "paused"
    assert claim(store) is None
    store.command(run_id, "play")
    assert claim(store) == run_id


def test_an_order_given_while_the_worker_dies_is_obeyed(store, recipe):
    run_id = store.start(recipe, "ada")
    claim(store)
    store.command(run_id, "stop")
    store.command(run_id, "pause")
    with writing(store.home.database) as database:
        turns.count_death(database, run_id, "left no word", -1)
    assert store.status(run_id).state == "stopped"


def test_who_may_stop_a_run_that_others_watch(store, recipe):
    run_id = store.start(recipe, "ada")
    store.start(recipe, "bob")
    with pytest.raises(NotAllowedError, match="2 people"):
        store.command(run_id, "stop", by="bob")
    store.command(run_id, "stop", by="ada")


def test_unknown_orders_are_refused_with_what_is_allowed(store, recipe):
    run_id = store.start(recipe, "ada")
    with pytest.raises(ValueError, match="play, pause, step, stop, reset, set_learning_rate"):
        store.command(run_id, "explode")
    for rate in (None, -1.0, math.nan, math.inf, "fast"):
        with pytest.raises(ValueError, match="learning rate"):
            store.command(run_id, "set_learning_rate", rate)
    with pytest.raises(ValueError, match="takes no value"):
        store.command(run_id, "stop", 3.0)


def test_events_come_back_in_order_with_nan(store, recipe):
    run_id = store.start(recipe, "ada")
    claim(store)
    journal = Journal(store.home.run_dir(run_id))
    steps = [
        TrainEvent(step, 8 * step + 8, 4.0 - step, math.nan if step == 1 else math.inf, 1e-3)
        for step in range(3)
    ]
    evaluation = EvalEvent(1, 3.0, math.nan, "text \ud7ff\U0001f98a", 0.5)
    journal.write([steps[0], steps[1], steps[2], evaluation], 3)
    journal.write(steps[1:], 3)  # done again after a crash
    events = store.events(run_id)
    assert [(type(event).__name__, event.step) for event in events] == [
        ("TrainEvent", 0),
        ("EvalEvent", 1),
        ("TrainEvent", 1),
        ("TrainEvent", 2),
    ]
    assert math.isnan(events[1].val_loss)
    assert math.isnan(events[2].grad_norm)
    assert events[0] == steps[0]
    assert store.events(run_id, since=2) == [steps[2]]
    assert (store.status(run_id).state, store.status(run_id).step) == ("running", 3)


def test_a_store_opens_again_with_everything_in_it(store, recipe):
    run_id = store.start(recipe, "ada")
    again = open_store(store.home.folder, start_dispatcher=False)
    assert [status.run_id for status in again.runs("ada")] == [run_id]


def test_the_default_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.delenv("GLASSBOX_HOME", raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    assert default_folder() == tmp_path / "glassbox"
    monkeypatch.setenv("GLASSBOX_HOME", str(tmp_path / "mine"))
    assert default_folder() == tmp_path / "mine"
