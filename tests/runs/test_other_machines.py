"""Real runs on a Dask cluster of two processes and on submitit's local executor, and the files between."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from core.training import TrainEvent
from runs import EvalEvent, StoreError, elsewhere, far_dispatcher, mailbox, open_store, slurm_launcher
from runs.database import reading
from runs.dispatcher import TICK
from runs.elsewhere import chosen
from runs.far_dispatcher import FarDispatcher
from runs.folder_journal import FolderJournal
from runs.ingest import far_workers
from runs.lock import try_lock
from runs.rail import rail_steps
from runs.slurm_launcher import SubmititLauncher
from runs.summon import ROOT
from tests.runs.tiny import ENDED, RECIPE, end_dispatcher, wait_for_state, wait_until, with_train

STEPS = 600
EVENT = TrainEvent(0, 8, 2.0, 1.0, 1e-3)
SLOW = replace(with_train(RECIPE, steps=STEPS), eval_every=5)  # long enough to be caught at work


@pytest.fixture(scope="module")
def cluster():
    from distributed import LocalCluster

    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None, "memory_limit": 0}
    with pytest.MonkeyPatch.context() as patch:
        # A spawned process runs `__main__` again, and Streamlit's tests have left one of their pages there.
        patch.setitem(sys.modules, "__main__", ModuleType("__main__"))
        with LocalCluster(**options) as cluster:
            yield cluster


@pytest.fixture(params=["dask", "submitit"])
def machines(request, store):
    """A dispatcher of workers on other machines, and its store."""
    if request.param == "dask":
        from runs.dask_launcher import DaskLauncher

        launcher = DaskLauncher(request.getfixturevalue("cluster").scheduler_address)
    else:
        launcher = SubmititLauncher(store.home, cluster="local")
    dispatcher = FarDispatcher(store.home, launcher, slots=2, idle_limit=60)
    yield dispatcher
    for worker in far_workers(store.home):
        dispatcher.withdraw(worker)
    if request.param == "dask":
        launcher.connected().close()
    else:
        for job in launcher.jobs.values():
            job._process.wait()


@pytest.fixture(scope="module")
def trained_here(live):
    """The same recipe by LocalLauncher: its events, and what the weights were after each checkpoint."""
    run_id = live.start(SLOW, "ada")
    assert wait_for_state(live, run_id, *ENDED).state == "done"
    return live.events(run_id), live.facts(run_id)


def tick_until(dispatcher, condition):
    def ticked():
        dispatcher.tick()
        time.sleep(0 if condition() else TICK)  # as it does by itself: the workers need the processor more
        return condition()

    wait_until(ticked)


def process_of(store, run_id):
    """The worker's process id, by the first line of its report."""
    (worker,) = [worker for worker in far_workers(store.home) if worker.run_id == run_id]
    report = mailbox.report_of(store.home.run_dir(run_id), worker.attempt)
    return json.loads(report.read_bytes().splitlines()[0])["process"]


def deaths_of(store, run_id):
    with reading(store.home.database) as database:
        return database.execute("SELECT deaths FROM runs WHERE id = ?", (run_id,)).fetchone()["deaths"]


def without_clock(events):
    return [replace(event, seconds=0) if isinstance(event, EvalEvent) else event for event in events]


def assert_as_trained_here(store, run_id, trained_here):
    events, facts = trained_here
    assert store.status(run_id).state == "done", store.status(run_id).reason
    assert without_clock(store.events(run_id)) == without_clock(events)
    planned = rail_steps(STEPS)  # a pause leaves another checkpoint
    fingerprints = [(found.step, found.fingerprint) for found in store.facts(run_id) if found.step in planned]
    assert fingerprints == [(found.step, found.fingerprint) for found in facts]  # all bits of all weights
    assert far_workers(store.home) == []


def test_a_run_elsewhere_is_the_run_here(store, machines, trained_here):
    run_id = store.start(SLOW, "ada")
    tick_until(machines, lambda: store.status(run_id).ended)
    assert_as_trained_here(store, run_id, trained_here)
    assert len([event for event in store.events(run_id) if isinstance(event, TrainEvent)]) == STEPS


@pytest.mark.slow
def test_it_rests_when_told_and_goes_on(store, machines, trained_here):
    run_id = store.start(SLOW, "ada")
    tick_until(machines, lambda: store.status(run_id).step > 2)
    store.command(run_id, "pause")
    tick_until(machines, lambda: store.status(run_id).state == "paused")
    assert 2 < store.status(run_id).step < STEPS
    store.command(run_id, "play")
    tick_until(machines, lambda: store.status(run_id).ended)
    assert_as_trained_here(store, run_id, trained_here)


@pytest.mark.slow
def test_a_killed_worker_is_noticed_and_loses_nothing(store, machines, trained_here):
    run_id = store.start(SLOW, "ada")
    tick_until(machines, lambda: store.status(run_id).step > 2)
    os.kill(process_of(store, run_id), signal.SIGKILL)
    tick_until(machines, lambda: store.status(run_id).ended)
    assert deaths_of(store, run_id) == 1
    assert_as_trained_here(store, run_id, trained_here)


SLURM = {  # what Slurm's programs do, in a few lines each
    "sbatch": """#!/bin/sh
        echo job >> "$FAKE/jobs"; cp "$1" "$FAKE/script"
        export SLURM_JOB_ID=$(wc -l < "$FAKE/jobs") SLURM_NTASKS=1 SLURM_JOB_NUM_NODES=1
        export SLURM_NODEID=0 SLURM_PROCID=0 SLURM_LOCALID=0
        sh "$1" > "$FAKE/out" 2>&1 &
        echo "Submitted batch job $SLURM_JOB_ID" """,
    "srun": """#!/bin/sh
        while [ "$1" != "${1#--}" ]; do [ "$1" = --unbuffered ] || shift; shift; done
        if "$@"; then state=COMPLETED; else state=OUT_OF_MEMORY; fi
        echo $state > "$FAKE/state-$SLURM_JOB_ID" """,
    "sacct": """#!/bin/sh
        echo "JobID|State|NodeList"
        for job in $(seq $(wc -l < "$FAKE/jobs")); do
            echo "$job|$(cat "$FAKE/state-$job" 2>/dev/null || echo RUNNING)|here"
        done""",
    "scancel": "#!/bin/sh",
}


@pytest.fixture
def slurm(store, tmp_path, monkeypatch):
    """A launcher that hands its jobs to programs with the names of Slurm's, and where they leave traces."""
    programs = tmp_path / "slurm"
    programs.mkdir()
    for name, script in SLURM.items():
        (programs / name).write_text(script, encoding="utf-8")
        (programs / name).chmod(0o700)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    monkeypatch.setenv("FAKE", str(programs))
    monkeypatch.setenv("GLASSBOX_SLURM_PARTITION", "short")
    monkeypatch.setattr(slurm_launcher, "CHECK_EVERY", 1.0)
    slurm_launcher.submitit.SlurmJob.watcher.clear()
    return SubmititLauncher(store.home), programs


def test_a_job_in_the_words_of_slurm(store, slurm):
    launcher, traces = slurm
    dispatcher = FarDispatcher(store.home, launcher, slots=1, idle_limit=60)
    run_id = store.start(SLOW, "ada")
    tick_until(dispatcher, lambda: store.status(run_id).step > 2)
    script = (traces / "script").read_text(encoding="utf-8")
    assert "--partition=short" in script
    assert "--time=60" in script
    assert f"--chdir={ROOT}" in script
    os.kill(process_of(store, run_id), signal.SIGUSR2)  # so Slurm says that the time is nearly up
    tick_until(dispatcher, lambda: [worker.handle for worker in far_workers(store.home)] == ["2"])
    assert deaths_of(store, run_id) == 0
    tick_until(dispatcher, lambda: store.status(run_id).state == "running")
    dispatcher.slots = 0  # no third job
    os.kill(process_of(store, run_id), signal.SIGKILL)
    told = []
    launcher.ended = lambda handle, ask=launcher.ended: told.append(ask(handle)) or told[-1]
    tick_until(dispatcher, lambda: deaths_of(store, run_id) == 1)
    assert "memory that Slurm gave it" in told[-1]
    assert store.status(run_id).state == "queued"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds Dask's process through /proc")
@pytest.mark.slow
@pytest.mark.parametrize("machines", ["dask"], indirect=True)
def test_a_run_outlives_the_machine_that_it_was_on(store, machines, cluster, trained_here):
    """Dask starts the task again by itself, elsewhere; it must not be the same attempt."""
    run_id = store.start(SLOW, "ada")
    tick_until(machines, lambda: store.status(run_id).step > 2)
    worker = process_of(store, run_id)
    parent = int(Path(f"/proc/{worker}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])
    os.kill(parent, signal.SIGKILL)
    tick_until(machines, lambda: store.status(run_id).ended)
    assert_as_trained_here(store, run_id, trained_here)


@pytest.mark.slow
def test_a_killed_dispatcher_finds_its_worker_again(tmp_path, cluster, monkeypatch, trained_here):
    """Here the dispatcher is the process that the app starts, by the setting alone."""
    monkeypatch.setenv("GLASSBOX_LAUNCHER", "dask")
    monkeypatch.setenv("GLASSBOX_DASK_SCHEDULER", cluster.scheduler_address)
    store = open_store(tmp_path)
    run_id = store.start(SLOW, "ada")
    wait_until(lambda: store.status(run_id).step > 2)
    end_dispatcher(store, signal.SIGKILL)
    assert not store.status(run_id).ended
    wait_until(lambda: store.status(run_id).ended and not far_workers(store.home))
    end_dispatcher(store)
    assert deaths_of(store, run_id) == 0
    assert_as_trained_here(store, run_id, trained_here)


class Nowhere:
    """A cluster that takes every job and has no machine."""

    def __init__(self):
        self.gone = set()

    def start(self, run_dir, attempt):
        return attempt

    def ended(self, handle):
        return "was lost" if handle in self.gone else None

    def kill(self, handle):
        self.gone.add(handle)


@pytest.fixture
def nowhere(store):
    return FarDispatcher(store.home, Nowhere(), slots=1, idle_limit=60, stall_limit=0.05)


@pytest.mark.parametrize(("order", "state"), [("pause", "paused"), ("stop", "stopped"), ("reset", "paused")])
def test_a_job_that_waits_for_a_machine_is_withdrawn(store, nowhere, order, state):
    run_id = store.start(SLOW, "ada")
    nowhere.tick()
    assert store.status(run_id).state == "starting"
    store.command(run_id, order)
    tick_until(nowhere, lambda: store.status(run_id).state == state)
    assert far_workers(store.home) == []


def test_waiting_for_a_machine_is_no_standstill(store, nowhere):
    run_id = store.start(SLOW, "ada")
    for _ in range(5):
        nowhere.tick()
        time.sleep(0.05)
    assert store.status(run_id).state == "starting"
    assert nowhere.launcher.gone == set()
    (worker,) = far_workers(store.home)
    FolderJournal(store.home.run_dir(run_id), worker.attempt).recipe()  # now it has begun, and makes no step
    tick_until(nowhere, lambda: deaths_of(store, run_id) == 1)


def test_three_lost_workers_are_a_failure_with_its_reason(store, nowhere):
    run_id = store.start(SLOW, "ada")

    def lose_it():
        for worker in far_workers(store.home):
            nowhere.launcher.kill(worker.handle)
        return store.status(run_id).state == "failed"

    tick_until(nowhere, lose_it)
    assert "3 times without progress: the last one was lost" in store.status(run_id).reason


def test_a_lock_that_nobody_lets_go_of_is_not_waited_for_for_ever(store, nowhere, monkeypatch):
    run_id = store.start(SLOW, "ada")
    nowhere.tick()
    lock = try_lock(store.home.run_lock(run_id))
    (worker,) = far_workers(store.home)
    nowhere.launcher.kill(worker.handle)
    nowhere.tick()
    assert deaths_of(store, run_id) == 0
    monkeypatch.setattr(far_dispatcher, "LET_GO", 0.0)
    nowhere.tick()
    assert deaths_of(store, run_id) == 1
    os.close(lock)


def test_a_cluster_that_takes_nothing_is_told_and_asked_again(store, nowhere, monkeypatch):
    run_id = store.start(SLOW, "ada")

    def refused(*_):
        raise StoreError("the Dask scheduler does not answer")

    with monkeypatch.context() as patch:
        patch.setattr(nowhere.launcher, "start", refused)
        nowhere.tick()
    assert store.status(run_id).state == "queued"
    assert "does not answer" in store.status(run_id).reason
    nowhere.next_try = 0.0
    nowhere.tick()
    assert store.status(run_id).state == "starting"


def test_another_dispatcher_goes_on_with_the_same_worker(store, nowhere):
    run_id = store.start(SLOW, "ada")
    nowhere.tick()
    (worker,) = far_workers(store.home)
    journal = FolderJournal(store.home.run_dir(run_id), worker.attempt)
    journal.recipe()
    journal.write([EVENT], 1)
    nowhere.dismiss_workers()
    FarDispatcher(store.home, nowhere.launcher, slots=1, idle_limit=60).tick()
    assert store.events(run_id) == [EVENT]
    assert [found.attempt for found in far_workers(store.home)] == [worker.attempt]


def test_a_setting_that_cannot_be_followed_is_told(monkeypatch):
    monkeypatch.setenv("GLASSBOX_LAUNCHER", "abacus")
    with pytest.raises(StoreError, match="local, slurm, dask"):
        chosen()
    monkeypatch.setenv("GLASSBOX_LAUNCHER", "dask")
    monkeypatch.delenv("GLASSBOX_DASK_SCHEDULER", raising=False)
    with pytest.raises(StoreError, match="GLASSBOX_DASK_SCHEDULER"):
        chosen()
    monkeypatch.setenv("GLASSBOX_LAUNCHER", "slurm")
    monkeypatch.setenv("GLASSBOX_SLURM_MINUTES", "an hour")
    with pytest.raises(
        StoreError, match="GLASSBOX_SLURM_MINUTES is 'an hour': set it to a whole number of at least 3"
    ):
        chosen()
    monkeypatch.delenv("GLASSBOX_SLURM_MINUTES")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(StoreError, match="no srun"):
        chosen()
    monkeypatch.setattr(elsewhere, "find_spec", lambda _: None)
    with pytest.raises(StoreError, match=r"requirements-cluster\.txt"):
        chosen()


def test_nobody_imports_a_cluster_that_is_not_chosen():
    script = "import sys, runs, runs.dispatcher, runs.elsewhere, runs.far_dispatcher, runs.launcher\n"
    script += "assert not {'submitit', 'distributed', 'dask'} & sys.modules.keys()"
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)
