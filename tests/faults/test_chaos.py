"""kill -9 at random moments under six runs, and at the exact moments that are the worst."""

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from runs import EvalEvent, forks, open_store, pruning, wipe, worker
from runs.dispatcher import Dispatcher
from runs.facts import fingerprint
from runs.journal import Journal
from runs.prepare import prepared
from runs.pruning import prune
from runs.rail import rail_steps, save_to_rail
from runs.resume import LAST, save_training
from runs.summon import ROOT
from runs.training import Training
from tests.runs.breaking import MOMENTS
from tests.runs.chaotic_app import all_runs, recipe_of
from tests.runs.test_dispatcher import Shell
from tests.runs.test_store import claim
from tests.runs.test_worker import assert_equals, losses_of
from tests.runs.tiny import ENDED, RECIPE, wait_for_state, wait_until, weights_of

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="finds processes through /proc")
MOST = 14  # runs that an app starts
LONG = 300  # seconds; half a minute on a machine that has nothing else to do


def reference(recipe):
    """The training without any interruption: its events, and a fingerprint of its last weights."""
    training = Training.begin(prepared(recipe))
    return [event.loss for event in training.events()], fingerprint(weights_of(training).values())


class Processes:
    """Dispatchers and workers of one data folder, as /proc shows them."""

    def __init__(self, folder):
        self.folder = folder

    def all(self):
        """Every process that was started as a dispatcher of this folder; workers are forks of one."""
        found = []
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):
                words = path.read_bytes().split(b"\0")
                if b"runs.dispatcher" in words and os.fsencode(self.folder) in words:
                    found.append(int(path.parent.name))
        return found

    def files(self, pid):
        names = set()
        with suppress(OSError):
            for link in Path(f"/proc/{pid}/fd").iterdir():
                with suppress(OSError):
                    names.add(str(link.readlink()))
        return names

    def run_of(self, pid):
        """The run whose lock this worker has; None for a dispatcher."""
        files = self.files(pid)
        if str(self.folder / "dispatcher.lock") in files:
            return None
        locks = [name for name in files if name.startswith(f"{self.folder}/runs/") and name.endswith("/lock")]
        return Path(locks[0]).parent.name if locks else None

    def workers(self):
        return {pid: run for pid in self.all() if (run := self.run_of(pid))}

    def dispatchers(self):
        return [pid for pid in self.all() if not self.run_of(pid)]

    def twice_at_one_run(self):
        """Workers that share a run, looked at twice: the first may have died while the second was found."""
        workers = self.workers()
        for one, run in workers.items():
            for other in workers:
                same = one < other and workers[other] == run
                if same and self.run_of(one) == self.run_of(other) == run:
                    return one, other, run
        return None


class Reader:
    """Remembers every event that it was ever shown."""

    def __init__(self, store):
        self.store = store
        self.seen = {}

    def look(self):
        for run in all_runs(self.store, MOST):
            for event in self.store.events(run.run_id):
                name = (run.run_id, type(event).__name__, event.step)
                assert self.seen.setdefault(name, event) == event, "an event has changed"

    def lost(self):
        before = dict(self.seen)
        self.seen = {}
        self.look()
        return [name for name in before if self.seen.get(name) != before[name]]


class Chaos:
    """Kills what it finds, looks at everything in between."""

    def __init__(self, store, luck):
        self.store = store
        self.luck = luck
        self.processes = Processes(store.home.folder)
        self.reader = Reader(store)
        self.killed = {"worker": 0, "dispatcher": 0, "app": 0}

    def watch(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.reader.look()
            assert self.processes.twice_at_one_run() is None
            time.sleep(0.02)

    def kill_one(self):
        """kill -9 somebody; False if there is nobody of the kind."""
        kind = self.luck.choices(("worker", "dispatcher", "app"), (3, 1, 1))[0]
        victims = getattr(self, f"{kind}s")()
        if not victims:
            return False
        with suppress(ProcessLookupError):
            os.kill(self.luck.choice(sorted(victims)), signal.SIGKILL)
            self.killed[kind] += 1
        if kind == "dispatcher":
            start_dispatcher(self.store.home.folder)  # beside the one that the store starts: two at once
        return True

    def workers(self):
        return list(self.processes.workers())

    def dispatchers(self):
        return self.processes.dispatchers()

    def apps(self):
        with suppress(OSError, ValueError):
            pid = int((self.store.home.folder / "app.pid").read_text())
            if b"chaotic_app" in Path(f"/proc/{pid}/cmdline").read_bytes():
                return [pid]
        return []


def start_dispatcher(folder):
    command = [sys.executable, "-m", "runs.dispatcher", "--home", str(folder)]
    log = (folder / "dispatcher.log").open("ab")
    with log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, start_new_session=True)
    process.returncode = 0  # nobody waits for it


@pytest.fixture
def crowded(runs, tmp_path, monkeypatch):
    """A store with six slots, and an app that starts runs in it."""
    monkeypatch.setenv("GLASSBOX_SLOTS", "6")
    monkeypatch.setenv("GLASSBOX_DISPATCHER_IDLE", "60")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    store = open_store(tmp_path)
    command = [sys.executable, "-m", "tests.runs.chaotic_app", str(tmp_path), str(runs)]
    app = subprocess.Popen(command, cwd=ROOT)
    yield store, app
    app.kill()
    app.wait()
    for pid in Processes(tmp_path).all():
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@pytest.mark.timeout(3 * LONG)
@pytest.mark.parametrize(
    ("kills", "seed", "runs"),
    [(4, 1, 6), *(pytest.param(40, seed, MOST, marks=pytest.mark.slow) for seed in range(2, 8))],
)
def test_24_and_25_kill_9_at_random_moments(crowded, kills, seed, runs):
    store, app = crowded
    losses, weights = reference(recipe_of(0))
    chaos = Chaos(store, random.Random(seed))
    wait_until(lambda: len(chaos.workers()) >= 3)
    while sum(chaos.killed.values()) < kills:
        chaos.watch(chaos.luck.uniform(0.0, 0.8))
        chaos.kill_one()
    wait_until(lambda: chaos.watch(0.1) or len(all_runs(store, runs)) == runs, patience=LONG)
    for run in all_runs(store, runs):
        wait_until(lambda run=run: chaos.watch(0.1) or store.status(run.run_id).ended, str(run), LONG)
    app.kill()
    assert chaos.reader.lost() == []
    ended = all_runs(store, runs)
    acknowledged = (store.home.folder / "acknowledged.txt").read_text().split()
    assert set(acknowledged) <= {run.run_id for run in ended}
    for run in ended:
        if run.state == "failed":
            assert "died 3 times" in run.reason
        else:
            assert run.state == "done"
            assert losses_of(store, run.run_id) == losses
            assert store.facts(run.run_id)[-1].fingerprint == weights
    assert chaos.killed["worker"] >= 3 * sum(run.state == "failed" for run in ended)
    after = store.start(recipe_of(99), "afterwards")
    assert wait_for_state(store, after, *ENDED).state == "done"
    assert losses_of(store, after) == losses


@pytest.fixture(scope="module")
def broken(tmp_path_factory, recipe_with):
    """A run for each moment, in which its worker has died at that moment and another has taken over."""
    folder = tmp_path_factory.mktemp("broken")
    store = open_store(folder, start_dispatcher=False)
    runs = {}
    for number, moment in enumerate(MOMENTS):
        runs[moment] = store.start(recipe_with(number), moment)
        store.home.run_dir(runs[moment]).mkdir()
        (store.home.run_dir(runs[moment]) / "moment").write_text(moment)
    environment = os.environ | {"GLASSBOX_SLOTS": "4", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "tests.runs.breaking", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, env=environment) as process:
        wait_until(lambda: process.poll() or store.status(runs["in_a_reset"]).step > 3, patience=LONG)
        store.command(runs["in_a_reset"], "reset")
        yield store, runs
        process.terminate()


@pytest.fixture(scope="module")
def recipe_with():
    return lambda number: replace(RECIPE, eval_every=20 + number)


@pytest.mark.parametrize("moment", MOMENTS)
def test_24_the_next_worker_repairs_it(broken, uninterrupted, moment):
    store, runs = broken
    run_id = runs[moment]
    folder = store.home.run_dir(run_id)
    if moment == "in_a_reset":
        wait_until(lambda: store.status(run_id).life == 1)
        status = store.status(run_id)
        assert (status.state, status.step, store.events(run_id), store.checkpoints(run_id)) == (
            "paused",
            0,
            [],
            [],
        )
        assert not (folder / LAST).exists()
        store.command(run_id, "play")
    assert wait_for_state(store, run_id, *ENDED).state == "done"
    assert not (folder / "moment").exists(), "it never came to that"
    assert_equals(store, run_id, uninterrupted)
    evaluated = [event.step for event in store.events(run_id) if isinstance(event, EvalEvent)]
    every = store.recipe(run_id).eval_every
    assert evaluated == sorted({*range(0, 200, every), 200})
    assert (
        [facts.step for facts in store.facts(run_id)] == store.checkpoints(run_id) == sorted(rail_steps(200))
    )
    if moment != "after_it_said_done":  # then nobody comes after it, and what is left is only room
        assert [
            path.name for path in folder.rglob("*") if path.name.startswith(".") or path.suffix == ".aside"
        ] == []


class Killed(BaseException):
    """What a death looks like to a test that has to live on."""


def dying(*_, **__):
    raise Killed


def test_25_a_dispatcher_that_dies_between_claim_and_fork(store, recipe):
    run_id = store.start(recipe, "ada")
    claim(store)
    launcher = Shell("exit 0")
    for _ in range(2):  # one to notice, one to try again
        Dispatcher(store.home, launcher, 1, 0.2).tick()
    assert launcher.started == [run_id]


def ended_with_a_model(store, recipe):
    """A run that has stopped, with rows and files."""
    run_id = store.start(recipe, "ada")
    claim(store)
    training = Training.begin(prepared(recipe))
    event = next(training.events())
    folder = store.home.run_dir(run_id)
    folder.mkdir()
    save_training(training, folder)
    save_to_rail(training.model, folder, 1)
    journal = Journal(folder)
    journal.write([event], 1)
    journal.end("stopped")
    return run_id


def assert_reset(store, run_id):
    status = store.status(run_id)
    assert (status.state, status.step, status.life) == ("paused", 0, 1)
    assert (store.events(run_id), store.checkpoints(run_id)) == ([], [])


def test_25_an_app_that_dies_in_a_reset(store, recipe, monkeypatch):
    """After the files, before the rows: the order stands, and the dispatcher finishes it."""
    run_id = ended_with_a_model(store, recipe)
    with monkeypatch.context() as patch:
        patch.setattr(wipe, "wipe_rows", dying)
        with pytest.raises(Killed):
            store.command(run_id, "reset")
        assert (store.checkpoints(run_id), len(store.events(run_id))) == ([], 1)
        with pytest.raises(Killed):
            Dispatcher(store.home, Shell("exit 0"), 1, 0.2).tick()
    Dispatcher(store.home, Shell("exit 0"), 1, 0.2).tick()
    assert_reset(store, run_id)


def test_37_a_reset_that_two_carry_out_happens_once(store, recipe, monkeypatch):
    run_id = ended_with_a_model(store, recipe)
    tick = Dispatcher(store.home, Shell("exit 0"), 1, 0.2).tick
    wiped = wipe.reset_resting
    monkeypatch.setattr(wipe, "reset_resting", lambda *given: tick() or wiped(*given))
    store.command(run_id, "reset")
    assert_reset(store, run_id)


def test_35_a_reset_that_comes_while_the_worker_leaves(store, recipe):
    """Whatever state the worker leaves in, the order is not lost."""
    ids = [store.start(replace(recipe, seed=seed), f"p{seed}") for seed in range(3)]
    for _ in ids:
        claim(store, slots=3)
    for run_id, leave in zip(
        ids, (Journal.rest, Journal.give_back, lambda journal: journal.end("done")), strict=True
    ):
        store.command(run_id, "reset")
        leave(Journal(store.home.run_dir(run_id)))
    Dispatcher(store.home, Shell("exit 0"), 1, 0.2).tick()
    for run_id in ids:
        assert_reset(store, run_id)


def test_25_an_app_that_dies_in_a_fork_leaves_only_rubbish(store, recipe, monkeypatch):
    run_id = ended_with_a_model(store, recipe)
    with monkeypatch.context() as patch:
        patch.setattr(forks, "admit_fork", dying)
        patch.setattr(forks.shutil, "rmtree", lambda *_, **__: None)
        with pytest.raises(Killed):
            store.command(run_id, "set_learning_rate", 1e-4)
    (orphan,) = [path for path in (store.home.folder / "runs").iterdir() if path.name != run_id]
    prune(store.home)
    assert orphan.exists()  # it may be a fork that is just being made
    os.utime(orphan, (0, 0))
    prune(store.home)
    assert not orphan.exists()
    assert store.checkpoints(run_id) == [1]  # the files were links, and the other names stay
    branch = store.command(run_id, "set_learning_rate", 1e-4)
    assert store.status(branch).state == "queued"


def test_25_a_dispatcher_that_dies_in_pruning(store, recipe, monkeypatch):
    run_id = ended_with_a_model(store, recipe)
    with monkeypatch.context() as patch:
        patch.setattr(pruning.shutil, "rmtree", dying)
        with pytest.raises(Killed):
            prune(store.home, quota=0)
    assert store.status(run_id).pruned
    assert store.checkpoints(run_id) == [1]
    prune(store.home, quota=0)
    assert store.checkpoints(run_id) == []
    assert store.start(recipe, "ada") != run_id


def test_35_a_worker_of_a_run_that_rests_meanwhile_leaves_at_once(store, recipe, monkeypatch):
    """Between claim and fork an app may reset the run: its worker finds nothing to do."""
    monkeypatch.setattr(worker, "settle_down", lambda: None)
    run_id = store.start(recipe, "ada")
    claim(store)
    store.command(run_id, "reset")
    wipe.reset_resting(store.home, run_id)
    assert worker.work(store.home.run_dir(run_id)) == 0
    assert_reset(store, run_id)
