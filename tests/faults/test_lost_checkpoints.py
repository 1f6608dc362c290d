"""Rows 68 and 69: a checkpoint that cannot be read begins no curve a second time; deaths are forgotten."""

import json
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file, safe_open, save_file

from runs import mailbox, queue
from runs.database import writing
from runs.folder_journal import FolderJournal
from runs.ingest import FarWorker, hear
from runs.journal import Journal
from runs.prepare import prepared
from runs.resume import LAST, PREVIOUS, save_training
from runs.take_up import take_up
from runs.training import Training
from tests.runs.test_store import claim
from tests.runs.tiny import RECIPE, with_train

SHORT = replace(with_train(RECIPE, steps=6, warmup_steps=0), eval_every=2)


def written_anew(path, tensors=None, **facts):
    """The same checkpoint with other tensors or facts."""
    with safe_open(path, framework="pt") as file:
        told = json.loads(file.metadata()["glassbox"]) | facts
    save_file(load_file(path) | (tensors or {}), path, metadata={"glassbox": json.dumps(told)})


def without(path, *beginnings):
    tensors = {name: x for name, x in load_file(path).items() if not name.startswith(beginnings)}
    with safe_open(path, framework="pt") as file:
        save_file(tensors, path, metadata=file.metadata())


DAMAGE = {
    "cut off": lambda path: path.write_bytes(path.read_bytes()[:2000]),  # SafetensorError
    "a tensor is missing": lambda path: without(path, "random.data"),  # KeyError
    "no facts": lambda path: save_file(load_file(path), path),  # TypeError
    "facts that are no JSON": lambda path: save_file(load_file(path), path, metadata={"glassbox": "{"}),
    "a generator of another length": lambda path: written_anew(  # RuntimeError
        path, {"random.torch": torch.zeros(3, dtype=torch.uint8)}
    ),
    "weights of another shape": lambda path: written_anew(path, {"model.final_norm.scale": torch.zeros(3)}),
    "an optimizer of another shape": lambda path: written_anew(path, {"optimizer.0.exp_avg": torch.zeros(1)}),
    "no optimizer": lambda path: without(path, "optimizer."),
    "a step beyond the end": lambda path: written_anew(path, step=7),
}


@pytest.fixture
def begun(store):
    """A run with checkpoints at steps 2 and 4, and a curve that goes on to step 5."""
    run_id = store.start(SHORT, "ada")
    claim(store)
    folder = store.home.run_dir(run_id)
    folder.mkdir()
    training = Training.begin(prepared(SHORT))
    events = training.events()
    while training.step < 5:
        evaluation = [training.evaluate()] if training.evaluation_due() else []
        Journal(folder).write([*evaluation, next(events)], training.step)
        if training.step in (2, 4):
            save_training(training, folder)
    return run_id, folder


def losses(store, run_id):
    return [event.loss for event in store.events(run_id) if hasattr(event, "loss")]


@pytest.mark.parametrize("damage", DAMAGE)
def test_68_an_older_checkpoint_takes_over_and_the_curve_is_cut_back_to_it(store, here, begun, damage):
    run_id, folder = begun
    whole = [event.loss for event in Training.begin(prepared(SHORT)).events()]
    DAMAGE[damage](folder / LAST)
    with writing(store.home.database) as database:  # what would show that the old curve stays
        database.execute("UPDATE train_events SET loss = 99.0 WHERE step >= 2")
    assert here(run_id) == 0
    status = store.status(run_id)
    assert (status.state, status.step) == ("done", 6)
    assert LAST in status.reason
    assert "goes on from the one before, at step 2" in status.reason
    assert losses(store, run_id) == whole


@pytest.mark.parametrize("damage", DAMAGE)
def test_68_a_run_without_a_readable_checkpoint_has_failed_and_says_which_file(store, here, begun, damage):
    run_id, folder = begun
    before = store.events(run_id)
    for name in (LAST, PREVIOUS):
        DAMAGE[damage](folder / name)
    here(run_id)
    status = store.status(run_id)
    assert (status.state, status.step) == ("failed", 5)
    assert LAST in status.reason
    assert PREVIOUS in status.reason
    assert "start it again" in status.reason
    assert store.events(run_id) == before
    assert "\n" not in status.reason


def test_68_a_run_whose_checkpoints_are_gone_has_failed(store, here, begun):
    run_id, folder = begun
    before = store.events(run_id)
    for name in (LAST, PREVIOUS):
        (folder / name).unlink()
    here(run_id)
    assert store.status(run_id).state == "failed"
    assert f"has made 5 steps, and its checkpoint {LAST} is gone" in store.status(run_id).reason
    assert store.events(run_id) == before


def test_68_too_little_memory_is_no_damage(store, begun, monkeypatch):
    """The file is whole: another try may read it, and nothing is given up for it."""
    _, folder = begun
    no_room = RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")
    monkeypatch.setattr("runs.resume.restore_optimizer", lambda *_: (_ for _ in ()).throw(no_room))
    with pytest.raises(RuntimeError, match="allocate memory"):
        take_up(SHORT, folder, Journal(folder))


def test_68_a_worker_on_another_machine_says_the_same(store, begun):
    run_id, folder = begun
    with writing(store.home.database) as database:
        database.execute("INSERT INTO far_workers (run_id, attempt) VALUES (?, 'a')", (run_id,))
    mailbox.lay_out(folder, "a", SHORT, step=5)
    DAMAGE["cut off"](folder / LAST)
    assert take_up(SHORT, folder, FolderJournal(folder, "a")).step == 2
    hear(store.home, FarWorker(run_id, "a", "", 0))
    assert (store.status(run_id).step, len(losses(store, run_id))) == (2, 2)
    for path in folder.glob("*.safetensors"):
        path.unlink()
    with pytest.raises(ValueError, match="has made 5 steps"):
        take_up(SHORT, folder, FolderJournal(folder, "a"))


def test_69_deaths_are_counted_anew_once_a_checkpoint_was_written(store):
    run_id = store.start(SHORT, "ada")

    def die(saved):
        claim(store)
        with writing(store.home.database) as database:
            queue.count_death(database, run_id, "was killed", saved)
        return store.status(run_id).state

    assert [die(saved) for saved in (-1, -1, 0, 1, 2, 2, 3, 9, 9)] == ["queued"] * 9
    assert die(9) == "failed"
    assert "died 3 times without progress: the last one was killed" in store.status(run_id).reason
