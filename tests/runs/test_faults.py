"""Each fault of the run machinery has a test that says its row in FAULTS.md. Those that are elsewhere:

| row | what must happen | test |
|---|---|---|
| 19, 20 | too high a rate is a lesson, its last good checkpoint stays | here; test_worker: too_high_a_rate |
| 22 | too large a recipe is refused before it waits | here; core/test_budget |
| 24 | a killed worker loses nothing | test_worker: a_killed_worker_loses_nothing; test_chaos |
| 26 | three deaths are a failure with its reason | test_dispatcher: three_deaths_are_a_failure |
| 30 | not a database, or a newer one | test_store: a_file_that_is_no_database, a_store_of_a_newer_glassbox |
| 32, 34 | two tabs, double clicks, thirty starts | test_crowd |
| 37 | two dispatchers | here; test_dispatcher: a_second_dispatcher_leaves_at_once; test_chaos |
| 38 | which damage falls back to which checkpoint | here; test_resume |

A property at the end: whatever orders a run is given, and when, what was trained can be trained again.
"""

import json
import math
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from core.budget import BudgetError
from core.config import GPTConfig
from core.step_report import StepReport
from core.training import TrainEvent
from runs import EvalEvent, StoreError, admission, database, facts, open_store, pruning, resume, worker
from runs.dispatcher import Dispatcher
from runs.gaps import from_json, to_json
from runs.home import Home
from runs.journal import Journal
from runs.lock import holder, is_locked, sign, try_lock
from runs.prepare import prepared
from runs.resume import LAST, PREVIOUS, load_training, read_checkpoint, save_training
from runs.room import FULL
from runs.summon import ROOT
from runs.training import Training
from runs.trouble import trouble_in
from runs.watchdog import TOO_LONG, Watchdog
from tests.runs.test_dispatcher import Shell
from tests.runs.test_store import claim
from tests.runs.test_worker import assert_equals, losses_of
from tests.runs.tiny import (
    ENDED,
    PATIENCE,
    RECIPE,
    dispatcher_pid,
    end_dispatcher,
    wait_for_state,
    wait_until,
    with_train,
)

LEGAL = ("queued", "starting", "running", "paused", *ENDED)


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A store whose dispatcher may be ended."""
    monkeypatch.setenv("GLASSBOX_SLOTS", "1")
    monkeypatch.setenv("GLASSBOX_DISPATCHER_IDLE", "60")
    store = open_store(tmp_path)
    yield store
    end_dispatcher(store)


@pytest.fixture
def here(store, monkeypatch):
    """Be the worker of a run in this very process."""
    monkeypatch.setattr(worker, "settle_down", lambda: None)
    monkeypatch.setattr(worker.signal, "signal", lambda *_: None)

    def work(run_id):
        store.home.run_dir(run_id).mkdir(exist_ok=True)
        return worker.work(store.home.run_dir(run_id))

    return work


def worker_of(store, run_id, at=1):
    """The process id of the worker, as soon as it has made some steps."""
    wait_until(lambda: store.status(run_id).ended or store.status(run_id).step >= at)
    return holder(store.home.run_lock(run_id))


def slowly(recipe, number):
    """The usual training, slow enough to be caught in the act; `number` keeps runs apart."""
    return replace(recipe, eval_every=5 + number)


@pytest.mark.parametrize("rate", [1e3, 1e30])
def test_rows_19_and_20_a_diverged_run_says_when_and_keeps_what_was_good(live, recipe, rate):
    recipe = with_train(replace(recipe, eval_every=1), learning_rate=rate, clip_norm=None)
    status = wait_for_state(live, live.start(recipe, "ada"), *ENDED)
    assert status.state == "diverged"
    assert "step " in status.reason
    assert "the gradient's length was " in status.reason
    folder = live.home.run_dir(status.run_id)
    assert all(tensor.isfinite().all() for tensor in load_file(folder / LAST).values())
    assert live.checkpoints(status.run_id)[0] == 0


def test_row_19_an_evaluation_without_numbers_names_the_last_gradient():
    assert "gradient's length was 12.5:" in trouble_in(EvalEvent(3, math.nan, 1.0, "", 0.0), 50, 12.5)


def strict(text):
    def refuse(constant):
        raise ValueError(f"{constant} is no JSON")

    return json.loads(text, parse_constant=refuse)


def test_row_21_what_is_no_number_is_a_gap(store, recipe, monkeypatch):
    run_id = store.start(recipe, "ada")
    claim(store)
    report = StepReport(0, [[1, 2]], [[math.nan, 1.0]], {"out_head": math.inf}, [])
    Journal(store.home.run_dir(run_id)).write([report, TrainEvent(0, 8, math.nan, math.nan, 1e-3)], 1)
    with closing(sqlite3.connect(store.home.database)) as rows:
        (text,) = rows.execute("SELECT report FROM step_reports").fetchone()
        assert rows.execute("SELECT loss, grad_norm FROM train_events").fetchone() == (None, None)
    assert strict(text)["losses"] == [[None, 1.0]]
    (again,) = store.reports(run_id)
    assert (len(again.losses[0]), again.losses[0][1]) == (2, 1.0)
    assert math.isnan(store.events(run_id)[0].loss)
    training = Training.begin(prepared(recipe))
    monkeypatch.setattr(facts, "block_gradients", lambda *_: [math.inf, math.nan])
    facts.save_facts(training, store.home.folder)
    assert strict((store.home.folder / "rail" / "00000000.json").read_text())["gradients"] == [None, None]
    assert all(map(math.isnan, from_json(to_json({"a": [math.nan, -math.inf]}))["a"]))


def test_row_22_a_run_that_would_not_fit_is_refused_before_it_waits(store, recipe):
    huge = GPTConfig(context_length=1024, emb_dim=8192, n_heads=8, n_layers=48)
    with pytest.raises(BudgetError, match=r"parameters x 4 .* MiB, and this server allows"):
        store.start(replace(recipe, model=huge, text=recipe.text * 20), "ada")
    assert store.runs("ada") == []


def test_row_23_what_the_system_kills_fails_alone(live, recipe, uninterrupted):
    """137 is what a shell calls the death by SIGKILL, as of one that took too much memory."""
    victim = live.start(with_train(replace(recipe, seed=23), steps=100_000), "ada")
    other = live.start(replace(recipe, eval_every=9), "bob")
    for death in range(1, 4):
        wait_until(lambda: holder(live.home.run_lock(victim)))
        os.kill(holder(live.home.run_lock(victim)), signal.SIGKILL)
        wait_until(lambda at=death: deaths_of(live, victim) == at)
    status = wait_for_state(live, victim, *ENDED)
    assert (status.state, "memory" in status.reason) == ("failed", True)
    assert wait_for_state(live, other, *ENDED).state == "done"
    assert_equals(live, other, uninterrupted)


def deaths_of(store, run_id):
    with database.reading(store.home.database) as rows:
        return rows.execute("SELECT deaths FROM runs WHERE id = ?", (run_id,)).fetchone()[0]


def test_row_25_the_run_survives_its_app(own, recipe, uninterrupted):
    """The app is killed with everything that it has started: the next one takes the run up."""
    run_id = own.start(slowly(recipe, 0), "ada")
    pid = worker_of(own, run_id, at=10)
    end_dispatcher(own, signal.SIGKILL)
    assert is_locked(own.home.run_lock(run_id))  # the worker goes on by itself
    wait_until(
        lambda: own.status(run_id).step >= 20
    )  # asking for it has started a dispatcher, which adopts it
    assert holder(own.home.run_lock(run_id)) == pid
    end_dispatcher(own, signal.SIGKILL)
    os.kill(pid, signal.SIGKILL)
    assert wait_for_state(own, run_id, *ENDED).state == "done"
    assert_equals(own, run_id, uninterrupted)


@pytest.mark.slow
def test_row_25_the_whole_server_is_killed_and_started_again(tmp_path, recipe, uninterrupted, monkeypatch):
    monkeypatch.setenv("GLASSBOX_HOME", str(tmp_path))
    monkeypatch.setenv("GLASSBOX_DISPATCHER_IDLE", "60")
    for kill in (True, False):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            command = [sys.executable, "-m", "views.serve", "--port", str(free.getsockname()[1])]
        pipe = {"stdout": subprocess.PIPE, "text": True, "start_new_session": True}
        server = subprocess.Popen(command, cwd=ROOT, **pipe)
        wait_until(lambda server=server: "ready" in server.stdout.readline())
        store = open_store(tmp_path)
        if kill:
            run_id = store.start(slowly(recipe, 0), "ada")
            worker_of(store, run_id, at=5)
            os.killpg(server.pid, signal.SIGKILL)
        else:
            assert wait_for_state(store, run_id, *ENDED).state == "done"
            begun = time.monotonic()
            server.terminate()
        server.wait()
        server.stdout.close()
    assert time.monotonic() - begun < 10
    end_dispatcher(store)
    assert_equals(store, run_id, uninterrupted)


def test_row_27_a_worker_that_hangs_is_ended_also_by_the_next_dispatcher(own, recipe, uninterrupted):
    run_id = own.start(slowly(recipe, 1), "ada")
    pid = worker_of(own, run_id, at=3)
    end_dispatcher(own, signal.SIGKILL)
    os.kill(pid, signal.SIGSTOP)
    own.start_dispatcher = False
    launcher = Shell("exit 0")
    launcher.start = lambda run_dir: None
    impatient = Dispatcher(own.home, launcher, slots=1, idle_limit=60, stall_limit=0.3)
    wait_until(lambda: impatient.tick() or own.status(run_id).state == "queued")
    assert deaths_of(own, run_id) == 1
    own.start_dispatcher = True
    assert wait_for_state(own, run_id, *ENDED).state == "done"
    assert_equals(own, run_id, uninterrupted)


def test_row_27_a_new_worker_has_all_the_time_again(store, recipe):
    run_id = store.start(recipe, "ada")
    watched = Dispatcher(store.home, Shell("exec sleep 60"), slots=1, idle_limit=60, stall_limit=0.5)
    wait_until(lambda: watched.tick() or deaths_of(store, run_id) == 1)
    begun = time.monotonic()
    wait_until(lambda: watched.tick() or deaths_of(store, run_id) == 2)
    assert time.monotonic() - begun > 0.4
    wait_until(lambda: watched.tick() or store.status(run_id).state == "failed")
    assert "made no step" in store.status(run_id).reason


def test_row_27_only_who_holds_a_lock_is_ended_for_it(tmp_path):
    """A lock file may still name a worker of long ago, whose number another process has by now."""
    lock = try_lock(tmp_path / "lock")
    sign(lock)
    assert holder(tmp_path / "lock") == os.getpid()
    os.close(lock)
    assert holder(tmp_path / "lock") is None
    lock = try_lock(tmp_path / "lock")
    assert is_locked(tmp_path / "lock")
    assert holder(tmp_path / "lock") is None  # not signed yet
    (tmp_path / "lock").unlink()
    other = try_lock(tmp_path / "lock")  # whoever holds a file that was removed holds nothing
    assert other is not None
    os.close(lock)
    os.close(other)


def test_row_27_a_run_that_takes_too_long_at_a_stretch_is_told_to_rest(store, recipe):
    run_id = store.start(recipe, "ada")
    claim(store)
    watchdog = Watchdog(store.home, stall_limit=600, longest=0.05)
    assert watchdog.look([run_id]) == []
    assert Journal(store.home.run_dir(run_id)).write([], 1).wanted is None
    time.sleep(0.06)
    watchdog.look([run_id])
    journal = Journal(store.home.run_dir(run_id))
    assert journal.write([], 2).wanted == "pause"
    journal.rest()
    assert (store.status(run_id).state, store.status(run_id).reason) == ("paused", TOO_LONG)


@pytest.fixture
def small_disk(tmp_path, monkeypatch):
    """A store on a disk of four megabytes, a way to fill it, and a way to make room again."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except OSError:
        mounted = False
    if not mounted:
        pytest.skip("a small disk can only be mounted by root")
    monkeypatch.setenv("GLASSBOX_DISPATCHER_IDLE", "60")
    store = open_store(folder)
    filler = folder / "filler"
    yield SimpleNamespace(
        store=store, folder=folder, fill=lambda room: fill(filler, room), make_room=filler.unlink
    )
    end_dispatcher(store)
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(filler, room):
    """Take all space of a disk but `room` bytes."""
    with suppress(OSError), filler.open("ab", buffering=0) as file:
        while file.write(bytes(4096)):
            pass
    os.truncate(filler, max(0, filler.stat().st_size - room))


@pytest.mark.parametrize("room", [0, 40_000, 80_000], ids=["at metrics", "in between", "at a checkpoint"])
def test_row_28_a_full_disk_pauses_the_run(small_disk, recipe, room, uninterrupted):
    store = small_disk.store
    run_id = store.start(slowly(recipe, 2), "ada")
    folder = store.home.run_dir(run_id)
    wait_until(lambda: (folder / LAST).exists() and store.status(run_id).step >= 10)
    before = losses_of(store, run_id)
    small_disk.fill(room)
    wait_until(lambda: not is_locked(store.home.run_lock(run_id)))
    assert read_checkpoint(folder / LAST)[1]["step"] >= 0  # whole
    with suppress(StoreError):  # SQLite may not even be able to read then: one sentence, until there is room
        assert store.status(run_id).state in ("running", "starting", "paused")
    small_disk.make_room()
    status = wait_for_state(store, run_id, "paused")
    assert status.reason == FULL
    assert deaths_of(store, run_id) == 0
    assert losses_of(store, run_id)[: len(before)] == before
    assert os.waitpid(dispatcher_pid(store), os.WNOHANG) == (0, 0)  # it is alive
    store.command(run_id, "play")
    assert wait_for_state(store, run_id, *ENDED).state == "done"
    assert_equals(store, run_id, uninterrupted)


def test_row_28_a_start_on_a_full_disk_is_one_sentence(small_disk, recipe):
    small_disk.fill(0)
    with pytest.raises(StoreError, match=r"full|cannot be"):
        small_disk.store.start(replace(recipe, text=recipe.text * 400), "ada")
    small_disk.make_room()
    assert small_disk.store.start(replace(recipe, seed=99), "ada")


def test_row_29_a_folder_that_cannot_be_written_is_one_sentence(small_disk, recipe):
    end_dispatcher(small_disk.store)
    remount = ["mount", "-o", "remount,ro", str(small_disk.folder)]
    subprocess.run(remount, check=True)
    with pytest.raises(StoreError, match=r"Read-only .*: set GLASSBOX_HOME"):
        open_store(small_disk.folder, start_dispatcher=False)
    with pytest.raises(StoreError):
        small_disk.store.start(recipe, "ada")


def test_row_29_a_folder_that_is_missing_is_made_and_a_file_is_not_one(tmp_path):
    assert open_store(tmp_path / "a" / "b", start_dispatcher=False).runs("ada") == []
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="set GLASSBOX_HOME"):
        open_store(tmp_path / "file", start_dispatcher=False)


def test_row_29_a_folder_that_is_taken_away_is_one_sentence(store, recipe):
    run_id = store.start(recipe, "ada")
    for name in ("", "-wal", "-shm"):
        store.home.database.with_name(f"glassbox.sqlite{name}").unlink(missing_ok=True)
    with pytest.raises(StoreError, match="cannot be used"):
        store.status(run_id)


def locked_for(path, seconds):
    """Hold the database in another process; returns when it is locked."""
    script = "import sqlite3, sys, time; db = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
    script += "db.execute('BEGIN EXCLUSIVE'); print('held', flush=True); time.sleep(float(sys.argv[2]))"
    command = [sys.executable, "-c", script, str(path), str(seconds)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    process.stdout.readline()
    return process


def test_row_30_a_locked_database_is_waited_for(store, recipe):
    with locked_for(store.home.database, 3):
        begun = time.monotonic()
        run_id = store.start(recipe, "ada")
        assert time.monotonic() - begun > 1
    with locked_for(store.home.database, 1):
        with pytest.raises(StoreError, match="locked"), database.writing(store.home.database, patience=0.1):
            pass
        assert store.status(run_id).state == "queued"  # reading goes on


def test_row_30_a_worker_waits_for_a_locked_database(live, recipe, uninterrupted):
    run_id = live.start(slowly(recipe, 3), "ada")
    worker_of(live, run_id)
    with locked_for(live.home.database, 2):
        pass
    assert wait_for_state(live, run_id, *ENDED).state == "done"
    assert_equals(live, run_id, uninterrupted)


@pytest.mark.parametrize("version", range(1, len(database.MIGRATIONS)))
def test_row_30_an_older_store_is_brought_up_to_date(tmp_path, recipe, version):
    home = Home(tmp_path)
    run_id = "0" * 31 + "1"
    with closing(sqlite3.connect(home.database)) as rows:
        for number in range(version):
            rows.executescript(database.MIGRATIONS[number])
        rows.execute(f"PRAGMA user_version = {version}")
        rows.execute(
            "INSERT INTO runs (id, key, owner, recipe, steps, step, state, created) "
            "VALUES (?, ?, 'ada', ?, 200, 2, 'paused', 1e9)",
            (run_id, recipe.key(), recipe.to_json()),
        )
        rows.execute("INSERT INTO starts VALUES (?, 'ada', 'c')", (run_id,))
        rows.executemany(
            "INSERT INTO train_events VALUES (?, ?, 8, 4.0, 1.0, 1e-3)", [(run_id, 0), (run_id, 1)]
        )
        rows.execute("INSERT INTO eval_events VALUES (?, 0, 4.0, NULL, 'text', 0.5)", (run_id,))
        rows.commit()
    store = open_store(tmp_path, start_dispatcher=False)
    (status,) = store.runs("ada")
    assert (status.run_id, status.state, status.step, status.life, status.pruned) == (
        run_id,
        "paused",
        2,
        0,
        False,
    )
    assert [event.step for event in store.events(run_id)] == [0, 0, 1]
    assert store.recipe(run_id) == recipe
    assert store.start(recipe, "bob") == run_id
    store.command(run_id, "play")
    assert claim(store) == run_id
    assert store.shelf("ada").entries()[0].name == ""


def test_row_31_no_clock_changes_an_order(store, recipe, monkeypatch):
    ids = []
    for number, now in enumerate((2e9, 1e9, 0.0, 4e9)):
        monkeypatch.setattr(admission, "time", SimpleNamespace(time=lambda now=now: now))
        ids.append(store.start(replace(recipe, seed=number), f"p{number}"))
        store.start(replace(recipe, seed=number), "teacher")
    assert [store.status(run_id).position for run_id in ids] == [1, 2, 3, 4]
    assert [status.run_id for status in store.runs("teacher")] == ids[::-1]
    assert all(store.status(run_id).wait >= 0 for run_id in ids)
    monkeypatch.setattr(pruning, "time", SimpleNamespace(time=lambda: 0.0))  # back to 1970
    store.shelf("p0").delete(ids[0])
    pruning.prune(store.home)
    assert [claim(store, slots=9) for _ in range(3)] == ids[:3]
    assert store.status(ids[0]).state != "stopped"  # the teacher still watches it


def test_row_33_who_comes_back_finds_the_whole_curve(live, recipe):
    run_id = live.start(slowly(recipe, 4), "ada")
    worker_of(live, run_id, at=20)
    before = live.events(run_id)
    reloaded = open_store(live.home.folder, start_dispatcher=False)
    wait_for_state(reloaded, run_id, *ENDED)
    steps = [event.step for event in reloaded.events(run_id) if isinstance(event, TrainEvent)]
    assert steps == list(range(200))
    assert reloaded.events(run_id)[: len(before)] == before
    assert reloaded.events(run_id, since=150) == [e for e in reloaded.events(run_id) if e.step >= 150]


def test_row_35_a_stop_while_it_starts(live, recipe):
    run_id = live.start(with_train(replace(recipe, seed=35), steps=100_000), "ada")
    wait_for_state(live, run_id, "starting", "running")
    for _ in range(3):
        live.command(run_id, "stop")
    status = wait_for_state(live, run_id, *ENDED)
    assert status.state == "stopped"
    for what in ("stop", "pause", "play", "step"):  # too late: nothing changes
        live.command(run_id, what)
        assert live.status(run_id) == status


@pytest.mark.parametrize("at", ["save_training", "save_to_rail", "drop_training"])
def test_row_35_a_stop_in_a_checkpoint(store, recipe, monkeypatch, here, at):
    """Also in the very last: then the run is done all the same."""
    run_id = store.start(recipe, "ada")
    claim(store)
    usual = getattr(worker, at)
    monkeypatch.setattr(worker, at, lambda *given: store.command(run_id, "stop") and usual(*given))
    assert here(run_id) == 0
    store.command(run_id, "stop")
    status = store.status(run_id)
    assert status.state == ("done" if at == "drop_training" else "stopped")
    assert store.checkpoints(run_id)[-1] == status.step == len(losses_of(store, run_id))


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_row_36_pause_restart_play(own, recipe, how, uninterrupted):
    run_id = own.start(slowly(recipe, 5), "ada")
    worker_of(own, run_id, at=10)
    own.command(run_id, "pause")
    step = wait_for_state(own, run_id, "paused").step
    end_dispatcher(own, how)
    again = open_store(own.home.folder)
    assert (again.status(run_id).state, again.status(run_id).step) == ("paused", step)
    again.command(run_id, "play")
    assert wait_for_state(again, run_id, *ENDED).state == "done"
    assert_equals(again, run_id, uninterrupted)


def test_row_37_of_three_dispatchers_at_once_one_stays(tmp_path, recipe, uninterrupted, monkeypatch):
    monkeypatch.setenv("GLASSBOX_DISPATCHER_IDLE", "60")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    store = open_store(tmp_path, start_dispatcher=False)
    run_id = store.start(recipe, "ada")
    command = [sys.executable, "-m", "runs.dispatcher", "--home", str(tmp_path)]
    three = [subprocess.Popen(command, cwd=ROOT) for _ in range(3)]
    wait_for_state(store, run_id, *ENDED)
    wait_until(lambda: sum(process.poll() is None for process in three) == 1)
    assert sorted(process.poll() or 0 for process in three) == [0, 0, 0]
    for process in three:
        process.terminate()
        process.wait(PATIENCE)
    assert deaths_of(store, run_id) == 0
    assert_equals(store, run_id, uninterrupted)


def header(content):
    return len(content).to_bytes(8, "little") + content


DAMAGE = {
    "empty": lambda whole: b"",
    "cut off": lambda whole: whole[: len(whole) // 2],
    "random": lambda whole: bytes(torch.randint(256, (5000,), dtype=torch.uint8).tolist()),
    "a header of 2^40 bytes": lambda whole: (2**40).to_bytes(8, "little") + whole[8:],
    "a shape that overflows": lambda whole: header(
        b'{"a":{"dtype":"F32","shape":[4294967296,4294967296,4294967296],"data_offsets":[0,4]}}' + bytes(4)
    ),
    "offsets beyond the file": lambda whole: header(
        b'{"a":{"dtype":"F32","shape":[99],"data_offsets":[0,396]}}'
    ),
    "no facts": lambda whole: header(b"{}"),
    "facts that are no JSON": lambda whole: header(b'{"__metadata__":{"glassbox":"{"}}'),
    "facts that are no facts": lambda whole: header(b'{"__metadata__":{"glassbox":"[1]"}}'),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_row_38_a_damaged_checkpoint_never_stops_a_run(store, recipe, here, damage, uninterrupted):
    """The one before is taken up, and without one the run begins again, which costs only time."""
    run_id = store.start(recipe, "ada")
    folder = store.home.run_dir(run_id)
    folder.mkdir()
    training = Training.begin(prepared(recipe))
    events = training.events()
    for step in (20, 40):
        while training.step < step:
            Journal(folder).write([next(events)], training.step)
        save_training(training, folder)
    (folder / LAST).write_bytes(DAMAGE[damage]((folder / LAST).read_bytes()))
    assert load_training(prepared(recipe), folder).step == 20
    (folder / PREVIOUS).write_bytes((folder / LAST).read_bytes())
    (folder / "tokenizer.json").write_text("{")
    assert load_training(prepared(recipe), folder) is None
    claim(store)
    assert here(run_id) == 0
    assert_equals(store, run_id, uninterrupted)


def rewrite_facts(path, **changes):
    tensors, known = read_checkpoint(path)
    save_file(tensors, path, metadata={"glassbox": json.dumps(known | changes)})


@pytest.mark.parametrize(
    ("changes", "said"), [({"torch": "1.0"}, True), ({"threads": 2}, False), ({"threads": 10**9}, True)]
)
def test_rows_56_and_57_another_torch_is_said_and_the_threads_are_restored(live, recipe, changes, said):
    run_id = live.start(slowly(recipe, 10 + len(str(changes))), "ada")
    worker_of(live, run_id, at=5)
    live.command(run_id, "pause")
    wait_for_state(live, run_id, "paused")
    path = live.home.run_dir(run_id) / LAST
    rewrite_facts(path, **changes)
    live.command(run_id, "step")
    wait_until(lambda: live.status(run_id).state == "paused" and live.reports(run_id))
    assert ("last bits may differ" in live.status(run_id).reason) is said
    assert resume.read_facts(path)["threads"] == (2 if changes == {"threads": 2} else 1)
    live.command(run_id, "stop")  # two threads on two busy cores would take long


def listens(pid):
    """Whether a process has an answer to SIGTERM by now."""
    (caught,) = [
        line.split()[1]
        for line in Path(f"/proc/{pid}/status").read_text().splitlines()
        if line.startswith("SigCgt")
    ]
    return bool(int(caught, 16) >> (signal.SIGTERM - 1) & 1)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="asks /proc whether a process listens")
@pytest.mark.parametrize("adopted", [False, True])
def test_row_58_sigterm_leaves_a_checkpoint_within_ten_seconds(own, recipe, adopted):
    run_id = own.start(with_train(slowly(recipe, 0), steps=100_000), "ada")
    worker_of(own, run_id, at=5)
    if adopted:
        end_dispatcher(own, signal.SIGKILL)
        own.wake()
        wait_until(lambda: is_locked(own.home.dispatcher_lock))
        wait_until(lambda: listens(dispatcher_pid(own)))
    begun = time.monotonic()
    end_dispatcher(own)
    assert time.monotonic() - begun < 10
    assert not is_locked(own.home.run_lock(run_id))
    own.start_dispatcher = False
    status = own.status(run_id)
    assert status.state == "queued"
    assert (
        resume.read_facts(own.home.run_dir(run_id) / LAST)["step"]
        == status.step
        == len(losses_of(own, run_id))
    )


ORDERS = ("play", "pause", "step", "stop", "reset", "set_learning_rate", "start")
numbers = iter(range(1000))


@settings(max_examples=6)
@given(st.lists(st.tuples(st.sampled_from(ORDERS), st.floats(0, 0.3)), min_size=2, max_size=7))
def test_whatever_orders_are_given_the_run_can_be_replayed(live, orders):
    recipe = with_train(replace(RECIPE, seed=5000 + next(numbers), eval_every=7), steps=60)
    run_id = live.start(recipe, "ada")
    seen, lives = {}, {0}
    rate = 1e-3
    for what, wait in orders:
        time.sleep(wait)
        look(live, run_id, seen)
        if what == "start":
            again = live.start(recipe, "ada")
            if again != run_id:
                live.command(again, "stop")
        elif what != "set_learning_rate" or not live.status(run_id).ended:
            rate = rate * 0.9 if what == "set_learning_rate" else rate
            with suppress(ValueError):  # it has ended just now
                live.command(run_id, what, rate if what == "set_learning_rate" else None)
        look(live, run_id, seen)
        lives.add(live.status(run_id).life)

    def ended():
        look(live, run_id, seen)
        if live.status(run_id).state == "paused":
            live.command(run_id, "play")
        return live.status(run_id).ended

    wait_until(ended)
    assert_what_was_trained_replays(live, run_id)


def look(store, run_id, seen):
    """Every event is as it was seen first, in this life of the run; the state is a legal one."""
    before = store.status(run_id)
    events = store.events(run_id)
    assert before.state in LEGAL
    if store.status(run_id).life != before.life:
        return  # reset while we looked
    known = seen.setdefault(before.life, {})
    now = {(type(event).__name__, event.step): event for event in events}
    assert {name: now.get(name) for name in known} == known
    known |= now


def assert_what_was_trained_replays(store, run_id):
    status = store.status(run_id)
    assert status.state in ("done", "stopped"), status
    training = Training.begin(prepared(store.recipe(run_id)))
    events = training.events()
    made = [next(events) for _ in range(status.step)]
    assert [event for event in store.events(run_id) if isinstance(event, TrainEvent)] == made
    if status.step or store.checkpoints(run_id):
        last = store.facts(run_id)[-1]
        assert (last.step, last.fingerprint) == (status.step, facts.fingerprint(training.model.parameters()))
