"""Rows 15, 19 to 27, 31 to 37, 56 to 58: runs that diverge, die, hang, are killed, paused, taken up again."""

import json
import math
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from core.config import GPTConfig
from core.step_report import StepReport
from core.training import TrainEvent
from runs import EvalEvent, admission, facts, open_store, pruning, resume, watchdog, worker
from runs.budget import BudgetError
from runs.dispatcher import Dispatcher
from runs.gaps import from_json, to_json
from runs.journal import Journal
from runs.lock import holder, is_locked, sign, try_lock
from runs.prepare import prepared
from runs.resume import LAST, read_checkpoint, save_training
from runs.summon import ROOT
from runs.training import Training
from runs.trouble import trouble_in
from runs.watchdog import TOO_LONG, Watchdog
from tests.conftest import slow
from tests.faults.at_work import deaths_of, slowly, worker_of
from tests.runs.test_dispatcher import Shell
from tests.runs.test_store import claim, end, seeded
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


def test_56_another_version_or_thread_count_is_noticed(tmp_path, monkeypatch):
    assert resume.same_bits(tmp_path)
    save_training(Training.begin(prepared(RECIPE)), tmp_path)
    assert resume.same_bits(tmp_path)
    monkeypatch.setattr(resume.torch, "get_num_threads", lambda: 7)
    assert not resume.same_bits(tmp_path)


def workers_of(store):
    pid = dispatcher_pid(store)
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds the worker through /proc")
@pytest.mark.parametrize("number", [0, *slow(1, 2, 3)])
def test_24_a_killed_worker_resumes_bit_for_bit(live, recipe, number, uninterrupted):
    """Two kills at random moments: with the third a run would have failed."""
    recipe = replace(recipe, eval_every=201 + number)
    run_id = live.start(recipe, "ada")
    seen = {}
    for _ in range(2):
        moment = random.randrange(150)
        wait_until(
            lambda at=moment: (
                live.status(run_id).ended or (live.status(run_id).step >= at and workers_of(live))
            )
        )
        seen |= {event.step: event for event in live.events(run_id) if isinstance(event, TrainEvent)}
        for pid in workers_of(live):
            os.kill(pid, signal.SIGKILL)
    assert wait_for_state(live, run_id, *ENDED).state == "done"
    assert_equals(live, run_id, uninterrupted)
    after = {event.step: event for event in live.events(run_id) if isinstance(event, TrainEvent)}
    assert all(after[step] == event for step, event in seen.items())


def test_15_one_token_trains_with_a_warning(live, recipe):
    run_id = live.start(with_train(replace(recipe, text="a" * 500), steps=3), "ada")
    status = wait_for_state(live, run_id, *ENDED)
    assert status.state == "done"
    assert "nothing to learn" in status.reason


@pytest.mark.slow
def test_58_the_machine_stops_and_starts_again(tmp_path, recipe, uninterrupted, monkeypatch):
    monkeypatch.setenv("GLASSBOX_DISPATCHER_IDLE", "30")
    recipe = replace(recipe, eval_every=5)  # slow enough to be caught in the act
    store = open_store(tmp_path)
    run_id = store.start(recipe, "ada")
    wait_until(lambda: store.status(run_id).step >= 5)
    end_dispatcher(store)
    assert store.status(run_id).step < 200
    run_again = open_store(tmp_path)
    wait_for_state(run_again, run_id, *ENDED)
    end_dispatcher(run_again)
    assert_equals(store, run_id, uninterrupted)


def tick_until(dispatcher, condition):
    def ticked():
        dispatcher.tick()
        return condition()

    wait_until(ticked)


def test_26_three_deaths_are_a_failure_with_its_reason(store, recipe, dispatcher):
    run_id = store.start(recipe, "ada")
    at_work = dispatcher("kill -9 $$")
    tick_until(at_work, lambda: store.status(run_id).state == "failed")
    assert at_work.launcher.started == [run_id] * 3
    assert "3 times" in store.status(run_id).reason
    assert "memory" in store.status(run_id).reason


def test_26_a_failed_run_does_not_stop_the_queue(store, recipe, dispatcher):
    ids = [store.start(replace(recipe, seed=seed), "ada") for seed in range(2)]
    tick_until(dispatcher("exit 7"), lambda: all(store.status(run_id).state == "failed" for run_id in ids))
    assert "exit code 7" in store.status(ids[1]).reason


def test_27_a_worker_that_hangs_is_ended_and_counts_as_dead(store, recipe):
    run_id = store.start(recipe, "ada")
    impatient = Dispatcher(store.home, Shell("exec sleep 60"), slots=1, idle_limit=60, stall_limit=0.1)
    tick_until(impatient, lambda: store.status(run_id).state == "failed")
    assert impatient.launcher.started == [run_id] * 3
    assert "made no step" in store.status(run_id).reason


def test_37_a_second_dispatcher_leaves_at_once(live):
    live.wake()  # it goes home when it has had nothing to do for a while
    wait_until(lambda: is_locked(live.home.dispatcher_lock))
    command = [sys.executable, "-m", "runs.dispatcher", "--home", str(live.home.folder)]
    assert subprocess.run(command, cwd=ROOT, timeout=PATIENCE, check=False).returncode == 0
    assert is_locked(live.home.dispatcher_lock)


def test_37_two_claims_at_once_never_take_the_same_run(store, recipe):
    ids = {store.start(seeded(recipe, seed), f"person {seed}") for seed in range(12)}
    with ThreadPoolExecutor(6) as pool:
        claimed = list(pool.map(lambda _: claim(store, slots=12), range(20)))
    assert sorted(filter(None, claimed)) == sorted(ids)


def test_35_stop_is_legal_at_any_time_and_twice(store, recipe):
    queued, running, done = (store.start(seeded(recipe, seed), f"p{seed}") for seed in range(3))
    claim(store, 1)
    store.command(queued, "stop")  # the first is in training by now: its worker will see it
    assert store.status(queued).state == "starting"
    assert Journal(store.home.run_dir(queued)).write([], 3).wanted == "stop"
    for _ in range(2):
        store.command(running, "stop")
        assert store.status(running).state == "stopped"
    end(store, queued)
    claim(store, 1)
    end(store, done)
    store.command(done, "stop")
    assert store.status(done).state == "done"


LEGAL = ("queued", "starting", "running", "paused", *ENDED)


@pytest.mark.parametrize("rate", [1e3, 1e30])
def test_19_and_20_a_diverged_run_says_when_and_keeps_what_was_good(live, recipe, rate):
    recipe = with_train(replace(recipe, eval_every=1), learning_rate=rate, clip_norm=None)
    status = wait_for_state(live, live.start(recipe, "ada"), *ENDED)
    assert status.state == "diverged"
    assert "step " in status.reason
    assert "the gradient's length was " in status.reason
    assert "divide the learning rate by 3" in status.reason
    last = live.checkpoints(status.run_id)[-1]
    assert all(parameter.isfinite().all() for parameter in live.model(status.run_id, last).parameters())
    folder = live.home.run_dir(status.run_id)
    assert all(tensor.isfinite().all() for tensor in load_file(folder / LAST).values())
    assert live.checkpoints(status.run_id)[0] == 0


def test_19_an_evaluation_without_numbers_names_the_last_gradient():
    assert "gradient's length was 12.5:" in trouble_in(EvalEvent(3, math.nan, 1.0, "", 0.0), 50, 12.5)


def strict(text):
    def refuse(constant):
        raise ValueError(f"{constant} is no JSON")

    return json.loads(text, parse_constant=refuse)


def test_21_what_is_no_number_is_a_gap(store, recipe, monkeypatch):
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


def test_22_a_run_that_would_not_fit_is_refused_before_it_waits(store, recipe):
    huge = GPTConfig(context_length=1024, emb_dim=8192, n_heads=8, n_layers=48)
    with pytest.raises(BudgetError, match=r"parameters x 4 .* MiB, and this server allows"):
        store.start(replace(recipe, model=huge, text=recipe.text * 20), "ada")
    assert store.runs("ada") == []


def test_23_what_the_system_kills_fails_alone(live, recipe, uninterrupted):
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


def test_25_the_run_survives_its_app(own, recipe, uninterrupted):
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
def test_25_the_whole_server_is_killed_and_started_again(tmp_path, recipe, uninterrupted, monkeypatch):
    monkeypatch.setenv("GLASSBOX_HOME", str(tmp_path))
    monkeypatch.setenv("GLASSBOX_DISPATCHER_IDLE", "60")
    for kill in (True, False):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            monkeypatch.setenv("PORT", str(free.getsockname()[1]))
        pipe = {"stdout": subprocess.PIPE, "text": True, "start_new_session": True}
        server = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, **pipe)
        wait_until(lambda server=server: "ready" in server.stdout.readline())
        store = open_store(tmp_path)
        if kill:
            run_id = store.start(slowly(recipe, 0), "ada")
            worker_of(store, run_id, at=5)
            os.killpg(server.pid, signal.SIGKILL)
        else:
            assert wait_for_state(store, run_id, *ENDED).state == "done"
            server.terminate()
        server.wait(PATIENCE)
        server.stdout.close()
    end_dispatcher(store)
    assert_equals(store, run_id, uninterrupted)


@pytest.mark.slow
def test_27_a_worker_that_hangs_is_ended_also_by_the_next_dispatcher(own, recipe, uninterrupted):
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


def test_27_a_new_worker_has_all_the_time_again(store, recipe, monkeypatch):
    clock = SimpleNamespace(now=0.0, monotonic=lambda: clock.now)
    monkeypatch.setattr(watchdog, "time", clock)
    run_id = store.start(recipe, "ada")
    claim(store)
    watched = Watchdog(store.home, stall_limit=600, longest=6000)
    assert watched.look([run_id]) == []
    clock.now = 601
    assert watched.look([run_id]) == [run_id]
    watched.forget(run_id)  # it was ended, and a new worker begins
    clock.now = 1200
    assert watched.look([run_id]) == []
    clock.now = 1801
    assert watched.look([run_id]) == [run_id]


def test_27_a_run_that_takes_too_long_at_a_stretch_is_told_to_rest(store, recipe, monkeypatch):
    clock = SimpleNamespace(now=0.0, monotonic=lambda: clock.now)
    monkeypatch.setattr(watchdog, "time", clock)
    run_id = store.start(recipe, "ada")
    claim(store)
    watched = Watchdog(store.home, stall_limit=600, longest=50)
    assert watched.look([run_id]) == []
    assert Journal(store.home.run_dir(run_id)).write([], 1).wanted is None
    clock.now = 51
    watched.look([run_id])
    journal = Journal(store.home.run_dir(run_id))
    assert journal.write([], 2).wanted == "pause"
    journal.rest()
    assert (store.status(run_id).state, store.status(run_id).reason) == ("paused", TOO_LONG)


def test_27_only_who_holds_a_lock_is_ended_for_it(tmp_path):
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


def test_31_no_clock_changes_an_order(store, recipe, monkeypatch):
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


def test_33_who_comes_back_finds_the_whole_curve(live, recipe):
    run_id = live.start(slowly(recipe, 4), "ada")
    worker_of(live, run_id, at=20)
    before = live.events(run_id)
    reloaded = open_store(live.home.folder, start_dispatcher=False)
    wait_for_state(reloaded, run_id, *ENDED)
    steps = [event.step for event in reloaded.events(run_id) if isinstance(event, TrainEvent)]
    assert steps == list(range(200))
    assert reloaded.events(run_id)[: len(before)] == before
    assert reloaded.events(run_id, since=150) == [e for e in reloaded.events(run_id) if e.step >= 150]


def test_35_a_stop_while_it_starts(live, recipe):
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
def test_35_a_stop_in_a_checkpoint(store, recipe, monkeypatch, here, at):
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


@pytest.mark.parametrize("how", [signal.SIGKILL, *slow(signal.SIGTERM)])
def test_36_pause_restart_play(own, recipe, how, uninterrupted):
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


def test_37_of_three_dispatchers_at_once_one_stays(tmp_path, recipe, uninterrupted, monkeypatch):
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


def rewrite_facts(path, **changes):
    tensors, known = read_checkpoint(path)
    save_file(tensors, path, metadata={"glassbox": json.dumps(known | changes)})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"torch": "1.0"}, True),
        pytest.param({"threads": 2}, False, marks=pytest.mark.slow),
        pytest.param({"threads": 10**9}, True, marks=pytest.mark.slow),
    ],
)
def test_56_and_57_another_torch_is_said_and_the_threads_are_restored(live, recipe, changes, said):
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
@pytest.mark.parametrize("adopted", [False, *slow(True)])
def test_58_sigterm_leaves_a_checkpoint(own, recipe, adopted):
    run_id = own.start(with_train(slowly(recipe, 0), steps=100_000), "ada")
    worker_of(own, run_id, at=5)
    if adopted:
        end_dispatcher(own, signal.SIGKILL)
        own.wake()
        wait_until(lambda: is_locked(own.home.dispatcher_lock))
        wait_until(lambda: listens(dispatcher_pid(own)))
    end_dispatcher(own)  # long before the run could be done
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


ANY_ORDERS = st.lists(st.tuples(st.sampled_from(ORDERS), st.floats(0, 0.3)), min_size=2, max_size=7)


@settings(max_examples=2)
@given(ANY_ORDERS)
def test_35_whatever_orders_are_given_the_run_can_be_replayed(live, orders):
    assert_can_be_replayed(live, orders)


@pytest.mark.slow
@settings(max_examples=20)
@given(ANY_ORDERS)
def test_35_many_orders_are_given_and_the_run_can_be_replayed(live, orders):
    assert_can_be_replayed(live, orders)


def assert_can_be_replayed(live, orders):
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
