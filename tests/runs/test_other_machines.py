"""Real runs on a Dask cluster of two processes and on submitit's local executor, and the files between."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from core.training import TrainEvent
from runs import EvalEvent, StoreError, elsewhere, mailbox
from runs.database import reading
from runs.elsewhere import chosen
from runs.far_dispatcher import FarDispatcher
from runs.folder_journal import FolderJournal
from runs.ingest import far_workers
from runs.rail import rail_steps
from runs.slurm_launcher import SubmititLauncher
from runs.summon import ROOT
from tests.runs.tiny import ENDED, RECIPE, wait_for_state, wait_until, with_train

STEPS = 30
EVENT = TrainEvent(0, 8, 2.0, 1.0, 1e-3)
SLOW = replace(with_train(RECIPE, steps=STEPS), eval_every=3)  # evaluations take long enough to be caught at


@pytest.fixture(scope="module")
def cluster():
    from distributed import LocalCluster

    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None, "memory_limit": 0}
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


def test_it_rests_when_told_and_goes_on(store, machines, trained_here):
    run_id = store.start(SLOW, "ada")
    tick_until(machines, lambda: store.status(run_id).step > 2)
    store.command(run_id, "pause")
    tick_until(machines, lambda: store.status(run_id).state == "paused")
    assert 2 < store.status(run_id).step < STEPS
    store.command(run_id, "play")
    tick_until(machines, lambda: store.status(run_id).ended)
    assert_as_trained_here(store, run_id, trained_here)


def test_a_killed_worker_is_noticed_and_loses_nothing(store, machines, trained_here):
    run_id = store.start(SLOW, "ada")
    tick_until(machines, lambda: store.status(run_id).step > 2)
    os.kill(process_of(store, run_id), signal.SIGKILL)
    tick_until(machines, lambda: store.status(run_id).ended)
    assert deaths_of(store, run_id) == 1
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
    assert "3 times: the last one was lost" in store.status(run_id).reason


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
