"""The dispatcher's decisions, with workers that are no trainings, and two real ones side by side."""

import os
import signal
import subprocess
import sys

import pytest

from runs.database import writing
from runs.dispatcher import Dispatcher, how_it_ended
from runs.lock import is_locked, try_lock
from runs.summon import ROOT
from tests.runs.tiny import wait_until


class Shell:
    """A launcher whose workers are shell scripts; they hold the run's lock while they live."""

    def __init__(self, script):
        self.script = script
        self.started = []

    def start(self, run_dir):
        run_dir.mkdir(exist_ok=True)
        lock = try_lock(run_dir / "lock")
        if lock is None:
            return None
        pid = self.spawn(lock)
        os.close(lock)
        self.started.append(run_dir.name)
        return pid

    def kill(self, handle):
        os.kill(handle, signal.SIGKILL)

    def spawn(self, lock):
        process = subprocess.Popen(["sh", "-c", self.script], pass_fds=(lock,), start_new_session=True)
        process.returncode = 0  # the dispatcher waits for it, not this object
        return process.pid


@pytest.fixture
def dispatcher(store):
    return lambda script, slots=1: Dispatcher(store.home, Shell(script), slots, idle_limit=0.2)


def test_a_worker_that_another_dispatcher_started_is_left_alone(store, recipe, dispatcher):
    run_id = store.start(recipe, "ada")
    first, second = dispatcher("exec sleep 60"), dispatcher("exec sleep 60")
    first.tick()
    for _ in range(5):
        second.tick()
    assert first.launcher.started == [run_id]
    assert second.launcher.started == []
    assert store.status(run_id).state == "starting"
    os.kill(next(iter(first.workers)), signal.SIGKILL)
    wait_until(lambda: not is_locked(store.home.run_lock(run_id)))
    second.tick()  # notices the death
    second.tick()  # takes over
    assert second.launcher.started == [run_id]
    os.kill(next(iter(second.workers)), signal.SIGKILL)
    first.reap()
    wait_until(lambda: second.reap() or not second.workers)


def test_a_run_whose_last_worker_is_still_leaving_waits(store, recipe, dispatcher):
    run_id = store.start(recipe, "ada")
    store.home.run_dir(run_id).mkdir()
    lock = try_lock(store.home.run_lock(run_id))
    dispatcher("exit 0").tick()
    assert store.status(run_id).state == "queued"
    os.close(lock)


def test_it_goes_home_when_idle_or_without_a_folder(store, dispatcher):
    dispatcher("exit 0").serve()
    store.home.database.unlink()
    dispatcher("exit 0").serve()


def test_how_a_process_ended():
    assert "memory" in how_it_ended(9)
    assert "signal 15" in how_it_ended(15)
    assert "exit code 1" in how_it_ended(256)


def test_a_lock_is_free_after_a_death(tmp_path):
    script = "import sys, time; from pathlib import Path; from runs.lock import try_lock\n"
    script += "try_lock(Path(sys.argv[1])); print('held', flush=True); time.sleep(60)"
    command = [sys.executable, "-c", script, str(tmp_path / "lock")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        assert is_locked(tmp_path / "lock")
        assert try_lock(tmp_path / "lock", patience=0.05) is None
        process.kill()
    assert not is_locked(tmp_path / "lock")


def test_a_transaction_that_fails_leaves_nothing(store, recipe):
    run_id = store.start(recipe, "ada")

    def write_and_fail():
        with writing(store.home.database) as database:
            database.execute("UPDATE runs SET state = 'failed'")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    assert store.status(run_id).state == "queued"
