"""Rows 28 to 30, 43, 44, 47: a disk that is full, a folder that is read-only, a database that is none."""

import errno
import os
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.pieces import without_surrogates
from runs import EvalEvent, NotThereError, StoreError, bringing, database, open_store, worker
from runs.bringing import bring
from runs.export import events_csv
from runs.home import Home
from runs.lock import is_locked
from runs.resume import LAST, read_checkpoint
from runs.room import FULL
from tests.faults.at_work import deaths_of, slowly, worker_of
from tests.runs.test_brought import nothing_is_left, ours, upload
from tests.runs.test_export import rows_of, sample_in
from tests.runs.test_store import claim
from tests.runs.test_worker import assert_equals, losses_of
from tests.runs.tiny import ENDED, dispatcher_pid, end_dispatcher, wait_for_state, wait_until


def test_28_a_full_disk_pauses_the_run_with_what_to_do(store, recipe, monkeypatch, work_here):
    def full(*_):
        raise OSError(errno.ENOSPC, "no space left on device")

    monkeypatch.setattr(worker, "save_training", full)
    run_id = work_here(recipe)
    assert store.status(run_id).state == "paused"
    assert "make room" in store.status(run_id).reason


@pytest.mark.parametrize("run_id", ["0" * 32, "../../etc", "", "A" * 32, "'; DROP TABLE runs; --", None])
def test_44_and_45_unknown_runs_are_refused(store, run_id):
    for call in (store.status, store.recipe, lambda run: store.command(run, "stop")):
        with pytest.raises(NotThereError):
            call(run_id)


@pytest.mark.parametrize("content", [b"this is no database" * 100, b"SQLite format 3\0" + b"\xff" * 5000])
def test_30_a_file_that_is_no_database_is_set_aside(tmp_path, recipe, content):
    (tmp_path / "glassbox.sqlite").write_bytes(content)
    store = open_store(tmp_path, start_dispatcher=False)
    assert store.status(store.start(recipe, "ada")).state == "queued"
    assert (tmp_path / "glassbox.sqlite.bad").read_bytes() == content


def test_30_a_store_of_a_newer_glassbox_is_left_alone(store):
    with sqlite3.connect(store.home.database) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(StoreError, match="newer Glassbox"):
        open_store(store.home.folder, start_dispatcher=False)


def test_29_a_folder_that_cannot_be_used_is_one_sentence(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="GLASSBOX_HOME"):
        open_store(tmp_path / "file" / "home", start_dispatcher=False)
    if os.geteuid():
        (tmp_path / "locked").mkdir(mode=0o500)
        with pytest.raises(StoreError, match="GLASSBOX_HOME"):
            open_store(tmp_path / "locked", start_dispatcher=False)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("  my   run ", "my run"),
        ("../../x", "../../x"),
        ("a\x00b\nc", "a b c"),
        ("😀" * 300, "😀" * 60),
        ("CON", "CON"),
        ("", ""),
    ],
)
def test_43_a_name_is_only_a_name(store, recipe, given, kept):
    run_id = store.start(recipe, "ada")
    store.start(recipe, "bob")
    store.shelf("ada").rename(run_id, given)
    assert [entry.name for entry in store.shelf("ada").entries()] == [kept]
    assert [entry.name for entry in store.shelf("bob").entries()] == [kept]  # until bob finds a better one
    store.shelf("bob").rename(run_id, "mine")
    assert store.shelf("ada").entries()[0].name == kept
    assert [path.name for path in (store.home.folder / "runs").iterdir()] in ([], [run_id])


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_47_a_formula_becomes_text(start) -> None:
    assert sample_in(f"{start}cmd()") == f"'{start}cmd()"


@given(st.text(st.characters(exclude_categories=()), max_size=30))
def test_47_whatever_the_model_writes_is_one_harmless_cell(sample) -> None:
    events = [EvalEvent(step, 1.0, 2.0, sample, 0.5) for step in range(2)]
    rows = rows_of(events_csv(events).encode("utf-8-sig").decode("utf-8-sig"))
    assert [row["step"] for row in rows] == ["0", "1"]
    text = without_surrogates(sample)
    assert rows[0]["sample"] == (f"'{text}" if text[:1] in tuple("=+-@\t\r") else text)


def test_28_bringing_onto_a_full_disk_is_one_sentence_and_leaves_nothing(
    home, brought, tmp_path, monkeypatch
):
    def full(*_):
        raise OSError(28, "no space left on device")

    path = ours(tmp_path / "a.safetensors")
    for place in ("save_model", "write_json"):
        with monkeypatch.context() as patch:
            patch.setattr(bringing, place, full)
            with pytest.raises(StoreError, match="disk is full"):
                bring(home, upload(path), "ada")
    assert nothing_is_left(home)
    assert brought.has(bring(home, upload(path), "ada"))


@pytest.mark.parametrize(
    "room",
    [
        pytest.param(0, id="at metrics", marks=pytest.mark.slow),
        pytest.param(40_000, id="in between", marks=pytest.mark.slow),
        pytest.param(80_000, id="at a checkpoint"),
    ],
)
def test_28_a_full_disk_pauses_the_run(small_disk, recipe, room, uninterrupted):
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


def test_28_a_start_on_a_full_disk_is_one_sentence(small_disk, recipe):
    small_disk.fill(0)
    with pytest.raises(StoreError, match=r"full|cannot be"):
        small_disk.store.start(replace(recipe, text=recipe.text * 400), "ada")
    small_disk.make_room()
    assert small_disk.store.start(replace(recipe, seed=99), "ada")


def test_29_a_folder_that_cannot_be_written_is_one_sentence(small_disk, recipe):
    end_dispatcher(small_disk.store)
    remount = ["mount", "-o", "remount,ro", str(small_disk.folder)]
    subprocess.run(remount, check=True)
    with pytest.raises(StoreError, match=r"Read-only .*: set GLASSBOX_HOME"):
        open_store(small_disk.folder, start_dispatcher=False)
    with pytest.raises(StoreError):
        small_disk.store.start(recipe, "ada")


def test_29_a_folder_that_is_missing_is_made_and_a_file_is_not_one(tmp_path):
    assert open_store(tmp_path / "a" / "b", start_dispatcher=False).runs("ada") == []
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="set GLASSBOX_HOME"):
        open_store(tmp_path / "file", start_dispatcher=False)


def test_29_a_folder_that_is_taken_away_is_one_sentence(store, recipe):
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


def test_30_a_locked_database_is_waited_for(store, recipe):
    with locked_for(store.home.database, 1):
        run_id = store.start(recipe, "ada")
    with locked_for(store.home.database, 1):
        with pytest.raises(StoreError, match="locked"), database.writing(store.home.database, patience=0.1):
            pass
        assert store.status(run_id).state == "queued"  # reading goes on


def test_30_a_worker_waits_for_a_locked_database(live, recipe, uninterrupted):
    run_id = live.start(slowly(recipe, 3), "ada")
    worker_of(live, run_id)
    with locked_for(live.home.database, 2):
        pass
    assert wait_for_state(live, run_id, *ENDED).state == "done"
    assert_equals(live, run_id, uninterrupted)


@pytest.mark.parametrize("version", range(1, len(database.MIGRATIONS)))
def test_30_an_older_store_is_brought_up_to_date(tmp_path, recipe, version):
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
        evaluation = "INSERT INTO eval_events (run_id, step, train_loss, val_loss, sample, seconds) "
        rows.execute(f"{evaluation} VALUES (?, 0, 4.0, NULL, 'text', 0.5)", (run_id,))
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
