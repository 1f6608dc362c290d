"""A whole class at once: thirty people, three computers, one slot (FAULTS rows 32 and 34)."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise

import pytest

from runs import NotAllowedError, QuotaError, open_store
from runs.launcher import LocalLauncher
from runs.summon import ROOT
from tests.runs.test_store import claim, end, seeded
from tests.runs.tiny import PATIENCE, end_dispatcher, wait_until, with_train

PEOPLE = 30


def class_presses(folder, which):
    """Thirty people at three computers press Start within a second; returns their runs, in no order."""
    begin = time.time() + 6  # until all three have loaded torch
    computers = [
        subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.runs.many_clicks",
                folder,
                str(begin),
                str(first),
                str(first + 9),
                which,
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for first in (1, 11, 21)
    ]
    lines = [
        line for computer in computers for line in computer.communicate(timeout=PATIENCE)[0].splitlines()
    ]
    assert [computer.returncode for computer in computers] == [0, 0, 0]
    answers = [line.split() for line in lines]
    assert all(len(answer) == 2 for answer in answers), "a double click made two runs"
    assert len(answers) == PEOPLE
    return {int(person): run for person, run in answers}


def test_34_thirty_people_press_the_same_button(store):
    runs = class_presses(store.home.folder, "same")
    assert len(set(runs.values())) == 1
    for person in runs:
        assert [status.run_id for status in store.runs(f"person {person}")] == [runs[person]]
    run_id = runs[1]
    owner = store.status(run_id).owner
    for person in runs:
        if f"person {person}" != owner:
            with pytest.raises(NotAllowedError, match="30 people watch this run"):
                store.command(run_id, "stop", by=f"person {person}")
    store.command(run_id, "stop", by=owner)
    assert store.status(run_id).state == "stopped"


def test_34_thirty_recipes_are_trained_one_after_the_other_in_a_fair_order(tmp_path, monkeypatch):
    monkeypatch.setenv("GLASSBOX_SLOTS", "1")
    store = open_store(tmp_path, start_dispatcher=False)
    runs = class_presses(tmp_path, "other")
    assert len(set(runs.values())) == PEOPLE
    waiting = sorted((store.status(run_id) for run_id in runs.values()), key=lambda status: status.position)
    assert [status.position for status in waiting] == list(range(1, PEOPLE + 1))
    waits = [status.wait for status in waiting]
    assert waits[0] == 0.0
    assert all(one < other for one, other in pairwise(waits))
    monkeypatch.setenv("GLASSBOX_DISPATCHER_IDLE", "60")
    store.start_dispatcher = True
    store.wake()
    begun = began_in_order(store, [status.run_id for status in waiting])
    end_dispatcher(store)
    assert begun == [status.run_id for status in waiting]


def began_in_order(store, ids):
    """Watch until all are done: in which order they left the queue, never two at a time."""
    begun = []

    def look():
        states = {run_id: store.status(run_id).state for run_id in ids}
        assert sum(state in ("starting", "running") for state in states.values()) <= 1
        assert set(states.values()) <= {"queued", "starting", "running", "done"}
        begun.extend(run for run in ids if states[run] != "queued" and run not in begun)
        return set(states.values()) == {"done"}

    wait_until(look)
    return begun


def test_34_two_clicks_at_the_same_moment_are_one(store, recipe):
    with ThreadPoolExecutor(8) as pool:
        for number in range(5):
            press = lambda _, n=number: store.start(seeded(recipe, n), f"person {n}", click="once")  # noqa: E731
            assert len(set(pool.map(press, range(8)))) == 1
    assert claim(store, slots=9) is not None


def test_34_one_person_never_pushes_aside_the_others(store, recipe):
    """Who starts four runs first has their second turn after everybody's first."""
    greedy = [store.start(seeded(recipe, seed), "greedy") for seed in range(4)]
    others = [store.start(seeded(recipe, 10 + number), f"person {number}") for number in range(10)]
    order = [greedy[0], *others, *greedy[1:]]
    assert [store.status(run_id).position for run_id in order] == list(range(1, 15))
    taken = []
    for _ in order:
        taken.append(claim(store))
        end(store, taken[-1])
    assert taken == order


def test_34_the_fifth_run_is_refused_with_the_wait(store, recipe, monkeypatch):
    monkeypatch.setenv("GLASSBOX_SLOTS", "1")
    long = with_train(recipe, steps=50_000)
    for seed in range(4):
        store.start(seeded(long, seed), "ada")
    claim(store)
    with pytest.raises(QuotaError, match=r"1 run in training and 3 waiting.* begins in about \d+ minutes; "):
        store.start(seeded(long, 9), "ada")
    assert len(store.runs("ada")) == 4


def test_32_two_tabs_of_one_person_count_once(store, recipe):
    """Row 32: the owner is the person, so both tabs see the same runs and share one quota."""
    one = open_store(store.home.folder, start_dispatcher=False)
    other = open_store(store.home.folder, start_dispatcher=False)
    run_id = one.start(recipe, "ada", click="in the first tab")
    assert other.start(recipe, "ada", click="in the second tab") == run_id
    for tab, seed in ((one, 1), (other, 2), (one, 3)):
        tab.start(seeded(recipe, seed), "ada")
    assert one.runs("ada") == other.runs("ada")
    assert len(one.runs("ada")) == 4
    for tab in (one, other):
        with pytest.raises(QuotaError):
            tab.start(seeded(recipe, 4), "ada")
    one.command(run_id, "stop", by="ada")  # two tabs are one watcher
    assert other.status(run_id).state == "stopped"


def test_34_a_run_whose_last_worker_leaves_slowly_holds_up_nobody(store, recipe):
    from runs.dispatcher import Dispatcher
    from runs.lock import try_lock

    slow, next_one = (store.start(replace(recipe, seed=seed), f"p{seed}") for seed in range(2))
    store.home.run_dir(slow).mkdir()
    lock = try_lock(store.home.run_lock(slow))

    class Nobody(LocalLauncher):
        started = []  # noqa: RUF012

        def start(self, run_dir):
            busy = run_dir.name == slow
            return None if busy else self.started.append(run_dir.name) or 10**9

    dispatcher = Dispatcher(store.home, Nobody(), slots=1, idle_limit=60)
    dispatcher.tick()
    assert Nobody.started == [next_one]
    assert store.status(slow).position == 1
    assert lock
