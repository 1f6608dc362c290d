"""Rows 72 and 78: cookies multiply no quota; a text of one's own is stored once and goes with its runs."""

import json
import re
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest

from core.config import GPTConfig
from runs import Recipe, pruning, quota, teacher
from runs.admission import insert_run
from runs.database import reading, writing
from runs.errors import NotAllowedError, NotThereError, QuotaError
from runs.own_texts import kept_recipe, move_texts, taken
from runs.tuning import Classify
from tests.core.test_labelled_csv import GOOD
from tests.runs.test_store import claim, end
from tests.runs.tiny import RECIPE

LARGE = "a text of one's own " * 2**18  # 5 MiB, the most that a recipe takes
SMALL = GPTConfig(context_length=16, emb_dim=16, n_heads=2, n_layers=1)


def seeded(seed):
    return replace(RECIPE, seed=seed)


def state_counts(store):
    with reading(store.home.database) as database:
        rows = database.execute("SELECT state, count(*) AS count FROM runs GROUP BY state").fetchall()
    return {row["state"]: row["count"] for row in rows}


# --- how many may wait


def test_72_many_cookies_from_one_address_are_one_address(store, monkeypatch):
    monkeypatch.setenv("GLASSBOX_QUEUE_ADDRESS", "5")
    for seed in range(5):
        store.start(seeded(seed), f"cookie {seed}", address="203.0.113.9")
    with pytest.raises(
        QuotaError, match=r"5 runs from your network address .* begins in .*wait for it, or stop"
    ):
        store.start(seeded(5), "cookie 5", address="203.0.113.9")
    store.start(seeded(5), "ada", address="203.0.113.10")
    assert store.start(seeded(0), "cookie 6", address="203.0.113.9")  # joins a run that is there


def test_72_there_is_a_most_for_all_together(store, monkeypatch):
    monkeypatch.setenv("GLASSBOX_QUEUE", "6")
    for seed in range(6):
        store.start(seeded(seed), f"person {seed}", address=f"203.0.113.{seed}")
    with pytest.raises(QuotaError, match=r"6 runs wait or train on this server, .* begins in .*; try again"):
        store.start(seeded(6), "ada", address="198.51.100.1")
    claim(store)
    assert state_counts(store) == {"starting": 1, "queued": 5}


def test_72_clicks_at_the_same_time_cannot_pass_the_most(store, monkeypatch):
    monkeypatch.setenv("GLASSBOX_QUEUE", "3")
    refused = []

    def click(seed):
        try:
            store.start(seeded(seed), f"person {seed}", address=f"203.0.113.{seed}")
        except QuotaError:
            refused.append(seed)

    threads = [Thread(target=click, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert state_counts(store) == {"queued": 3}
    assert len(refused) == 5


def test_72_pausing_makes_no_room_for_more(store):
    """A run that goes on is one more that waits: play and step are refused as a start would be."""
    paused = []
    for seed in range(6):
        paused.append(store.start(seeded(seed), "ada"))
        store.command(paused[-1], "pause")
    for run_id in paused[:4]:
        store.command(run_id, "play")
    for what in ("play", "step"):
        with pytest.raises(QuotaError, match="3 waiting"):
            store.command(paused[4], what)
    assert state_counts(store) == {"queued": 4, "paused": 2}


def test_72_every_start_on_a_page_says_from_where():
    calls = [
        call
        for path in (Path(__file__).parents[2] / "views").rglob("*.py")
        for call in re.findall(r"store(?:\(\))?\.start\(.*", path.read_text(encoding="utf-8"))
    ]
    assert len(calls) >= 3
    assert not [call for call in calls if "address=" not in call]


def test_72_without_an_owner_nothing_starts(store):
    with pytest.raises(NotAllowedError, match="allow cookies"):
        store.start(RECIPE, "", address="203.0.113.9")
    assert state_counts(store) == {}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("203.0.113.9", "203.0.113.10", False),
        ("203.0.113.9", "::ffff:203.0.113.9", True),
        ("2001:db8:1:2::1", "2001:db8:1:2:aaaa::9", True),  # one home has all of a /64
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
    ],
)
def test_72_which_addresses_are_one(store, one, other, same):
    with reading(store.home.database) as database:
        first, second = (quota.address_key(database, address) for address in (one, other))
        assert quota.address_key(database, None) == ""
    assert (first == second) is same
    assert one not in first


def test_72_the_teacher_clears_the_queue_and_stops_any_run(store):
    running, *waiting = [store.start(seeded(seed), f"person {seed}") for seed in range(3)]
    assert claim(store) == running
    assert teacher.clear_queue(store.home) == 2
    assert {store.status(run_id).state for run_id in waiting} == {"stopped"}
    assert store.status(waiting[0]).reason == "the teacher has cleared the queue"
    teacher.stop_run(store.home, running)
    end(store, running, "stopped")
    assert store.status(running).reason == "the teacher has stopped this run"
    with pytest.raises(NotThereError):
        teacher.stop_run(store.home, "0" * 32)


# --- texts of one's own


def pages(store):
    """Pages of 4 KiB in the database."""
    with reading(store.home.database) as database:
        return database.execute("PRAGMA page_count").fetchone()[0]


def own(text):
    return Recipe(text=text, tokenizer="char", model=SMALL, train=RECIPE.train, batch_size=4, eval_every=100)


def gone_for_good(store):
    with writing(store.home.database) as database:
        database.execute("UPDATE shelf SET deleted = deleted - ?", (2 * pruning.UNDO,))
    pruning.prune(store.home)


def test_78_the_same_text_again_and_again_is_stored_once(store):
    counted = []
    for _ in range(3):
        run_id = store.start(own(LARGE), "ada")
        store.shelf("ada").delete(run_id)
        counted.append(pages(store))
    assert counted[-1] - counted[0] < 20  # the text has 1,280 of them
    assert store.recipe(run_id) == own(LARGE)
    gone_for_good(store)
    with reading(store.home.database) as database:
        assert taken(database) == 0
    assert pages(store) < 100


def test_78_a_text_is_counted_and_stays_while_a_run_needs_it(store):
    kept, gone = store.start(own(LARGE), "ada"), store.start(replace(own(LARGE), seed=2), "bob")
    store.shelf("bob").delete(gone)
    gone_for_good(store)
    assert store.recipe(kept).text == LARGE
    claim(store)
    end(store, kept)
    (store.home.run_dir(kept) / "rail").mkdir(parents=True)
    pruning.prune(store.home, quota=len(LARGE) + 1)
    assert store.home.run_dir(kept).exists()
    pruning.prune(store.home, quota=len(LARGE) - 1)  # the text alone is more than may be
    assert not store.home.run_dir(kept).exists()
    assert store.recipe(kept).text == LARGE  # from it the model can be trained again


def test_78_own_texts_have_a_most_for_all(store, monkeypatch):
    monkeypatch.setenv("GLASSBOX_DISK_BYTES", str(4 * 20_000))
    store.start(own("ab" * 9_000), "ada")
    with pytest.raises(QuotaError, match=r"all texts of people's own may take 0 MiB"):
        store.start(own("cd" * 9_000), "bob")
    assert store.start(own("ab" * 9_000), "bob")
    assert state_counts(store) == {"queued": 1}


def test_78_any_text_comes_back_as_it_was(store):
    odd = "nul \x00, half a pair \ud83d, emoji \U0001f600, end\r\n" * 40
    table = replace(RECIPE, text=None, corpus="grimm", tuning=Classify(data=None, csv=GOOD))
    with writing(store.home.database) as database:
        for recipe in (own(odd), table):
            run_id = insert_run(database, recipe, recipe.key(), "ada")
            assert store_reads(database, run_id) == recipe


def store_reads(database, run_id):
    assert "emoji" not in database.execute("SELECT recipe FROM runs WHERE id = ?", (run_id,)).fetchone()[0]
    return kept_recipe(database, run_id)


def test_78_an_old_store_keeps_every_text(store):
    recipe = own("words of an old store " * 30)
    first, second = store.start(recipe, "ada"), store.start(replace(recipe, seed=2), "bob")
    with writing(store.home.database) as database:  # as it was before
        database.execute("DELETE FROM texts")
        database.execute("DELETE FROM run_texts")
        for run_id, kept in ((first, recipe), (second, replace(recipe, seed=2))):
            database.execute("UPDATE runs SET recipe = ? WHERE id = ?", (kept.to_json(), run_id))
        move_texts(database)
        assert database.execute("SELECT count(*) FROM texts").fetchone()[0] == 1
        assert "old store" not in json.dumps([row[0] for row in database.execute("SELECT recipe FROM runs")])
    assert store.recipe(first) == recipe
    assert store.recipe(second) == replace(recipe, seed=2)
