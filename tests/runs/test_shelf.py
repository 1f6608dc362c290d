"""A person's list: names, pins, sharing, and putting a run away."""

import sqlite3
import time
from contextlib import closing
from dataclasses import replace

import pytest

from runs import NotAllowedError, forecast, own_texts
from runs.database import reading
from runs.journal import Journal
from runs.pruning import UNDO, prune
from tests.runs.test_store import claim, end, seeded


def ids(store, owner, **which):
    return [entry.run_id for entry in store.shelf(owner).entries(**which)]


def ended_run(store, recipe, owner="ada", size=1000):
    """A run that is done, with checkpoints of this size."""
    run_id = store.start(recipe, owner)
    claim(store, slots=9)
    folder = store.home.run_dir(run_id) / "rail"
    folder.mkdir(parents=True)
    (folder / "00000000.safetensors").write_bytes(bytes(size))
    Journal(store.home.run_dir(run_id)).end("done")
    return run_id


def test_pinned_runs_are_first_then_the_newest(store, recipe):
    first, second, third = (store.start(seeded(recipe, seed), "ada") for seed in range(3))
    assert ids(store, "ada") == [third, second, first]
    store.shelf("ada").pin(first)
    assert ids(store, "ada") == [first, third, second]
    store.shelf("ada").pin(first, pinned=False)
    assert ids(store, "ada") == [third, second, first]
    assert ids(store, "bob") == []


def test_a_deleted_run_can_be_restored(store, recipe):
    run_id = store.start(recipe, "ada")
    store.shelf("ada").delete(run_id)
    assert (ids(store, "ada"), ids(store, "ada", deleted=True)) == ([], [run_id])
    assert store.runs("ada") == []
    assert store.status(run_id).state == "stopped"  # nobody else watches it
    store.shelf("ada").restore(run_id)
    assert (ids(store, "ada"), ids(store, "ada", deleted=True)) == ([run_id], [])


def test_a_run_that_others_watch_goes_on_when_one_puts_it_away(store, recipe):
    run_id = store.start(recipe, "ada")
    store.start(recipe, "bob")
    store.shelf("ada").delete(run_id)
    assert store.status(run_id).state == "queued"
    assert ids(store, "bob") == [run_id]
    store.command(run_id, "stop", by="bob")  # its only watcher now
    assert store.status(run_id).state == "stopped"


def test_who_starts_a_deleted_run_again_sees_it_again(store, recipe):
    run_id = ended_run(store, recipe)
    store.shelf("ada").delete(run_id)
    assert store.start(recipe, "ada") == run_id
    assert ids(store, "ada") == [run_id]


def test_only_what_is_shared_is_listed_to_others(store, recipe):
    mine, private = (store.start(seeded(recipe, seed), "ada") for seed in range(2))
    with pytest.raises(NotAllowedError, match="started"):
        store.shelf("bob").share(private)
    store.shelf("ada").share(mine)
    (entry,) = store.shelf("bob").entries()
    assert (entry.run_id, entry.mine, entry.shared) == (mine, False, True)
    store.shelf("bob").delete(mine)  # from bob's list alone
    assert ids(store, "bob") == []
    assert store.status(mine).state == "queued"
    store.shelf("ada").share(mine, shared=False)
    assert ids(store, "carl") == []


def texts(store):
    """Bytes of the runs' own texts, which count too."""
    with reading(store.home.database) as database:
        return own_texts.taken(database)


def test_the_oldest_unpinned_checkpoints_make_room(store, recipe):
    runs = [ended_run(store, seeded(recipe, seed)) for seed in range(4)]
    store.shelf("ada").pin(runs[0])
    prune(store.home, quota=2500 + texts(store))
    assert [store.status(run_id).pruned for run_id in runs] == [False, True, True, False]
    assert [store.checkpoints(run_id) for run_id in runs] == [[0], [], [], [0]]
    assert len(store.runs("ada")) == 4  # curve and recipe stay
    assert store.start(seeded(recipe, 1), "ada") not in runs  # and the same is trained again
    prune(store.home, quota=0)
    assert store.checkpoints(runs[0]) == [0]  # pinned: never


def test_runs_that_are_still_to_be_trained_are_never_pruned(store, recipe):
    run_id = ended_run(store, recipe)
    with closing(sqlite3.connect(store.home.database)) as database, database:
        database.execute("UPDATE runs SET state = 'paused'")
    prune(store.home, quota=0)
    assert store.checkpoints(run_id) == [0]


def test_deleted_runs_go_first_and_for_good_after_a_while(store, recipe):
    old, deleted = (ended_run(store, seeded(recipe, seed)) for seed in range(2))
    store.shelf("ada").delete(deleted)
    prune(store.home, quota=1500 + texts(store))
    assert (store.checkpoints(old), store.checkpoints(deleted)) == ([0], [])
    assert store.status(deleted).state == "done"  # an hour for a change of mind
    with closing(sqlite3.connect(store.home.database)) as database, database:
        database.execute("UPDATE shelf SET deleted = ?", (time.time() - UNDO - 1,))
    prune(store.home)
    assert ids(store, "ada", deleted=True) == []
    assert ids(store, "ada") == [old]


def test_the_wait_is_what_is_left_of_all_before(store, recipe, monkeypatch):
    monkeypatch.setenv("GLASSBOX_SLOTS", "1")
    long = replace(recipe, train=replace(recipe.train, steps=100_000))
    first, second, third = (store.start(replace(long, seed=s), f"p{s}") for s in range(3))
    assert store.status(first).wait == 0.0
    claim(store)
    one = store.status(second).wait
    assert one > 60
    assert store.status(third).wait == pytest.approx(2 * one)
    Journal(store.home.run_dir(first)).write([], 50_000)
    assert store.status(second).wait == pytest.approx(one / 2)
    end(store, first)
    assert store.status(second).wait == 0.0
    with reading(store.home.database) as database:
        assert forecast.correction(database) == 1.0  # no run has told its real time yet
