"""Who may start a run, and when a start joins a run that is there already."""

import math
import secrets
import sqlite3
import time

from runs import forecast, queue
from runs.errors import QuotaError
from runs.recipe import Recipe

MOST_WAITING = 3  # runs that one person may have in the queue, beside the one in training
SHARED = ("queued", "starting", "running", "paused", "done", "diverged")  # a new start joins such a run


def admit(
    database: sqlite3.Connection, recipe: Recipe, owner: str, click: str | None, *, estimate: float = 0.0
) -> str:
    """The run that this start leads to, new or joined. QuotaError if the person has enough of them."""
    key = recipe.key()
    run_id = clicked_before(database, owner, click) or same_recipe(database, key)
    if run_id is None:
        check_quota(database, owner)
        run_id = insert_run(database, recipe, key, owner, estimate=estimate)
    database.execute("DELETE FROM shelf WHERE run_id = ? AND owner = ? AND deleted > 0", (run_id, owner))
    database.execute("INSERT OR IGNORE INTO starts VALUES (?, ?, ?)", (run_id, owner, click))
    return run_id


def clicked_before(database: sqlite3.Connection, owner: str, click: str | None) -> str | None:
    """The run that this very click has started already."""
    found = database.execute(
        "SELECT run_id FROM starts WHERE owner = ? AND click = ?", (owner, click)
    ).fetchone()
    return found and found["run_id"]


def same_recipe(database: sqlite3.Connection, key: str) -> str | None:
    """A run of the same recipe that is worth joining."""
    states = ", ".join(f"'{state}'" for state in SHARED)
    find = f"SELECT id FROM runs WHERE key = ? AND NOT pruned AND state IN ({states}) ORDER BY seq"
    found = database.execute(find, (key,)).fetchone()
    return found and found["id"]


def check_quota(database: sqlite3.Connection, owner: str) -> None:
    """Raise QuotaError if the person has all the runs that are fair."""
    active = "SELECT count(*) FROM runs WHERE owner = ? AND state IN ('queued', 'starting', 'running')"
    if database.execute(active, (owner,)).fetchone()[0] > MOST_WAITING:
        raise QuotaError(
            f"you have 1 run in training and {MOST_WAITING} waiting, which is the most for one person: "
            f"the next of them begins in {in_words(next_wait(database, owner))}; wait for it, or stop one"
        )


def next_wait(database: sqlite3.Connection, owner: str) -> float:
    """Seconds until the first waiting run of a person gets its turn, about."""
    waiting = [row["owner"] for row in database.execute(queue.FAIR_ORDER)]
    return forecast.expected_wait(database, waiting.index(owner) + 1 if owner in waiting else 1)


def in_words(seconds: float) -> str:
    """About how long, as people say it."""
    return "less than a minute" if seconds < 60 else f"about {math.ceil(seconds / 60)} minutes"


def insert_run(
    database: sqlite3.Connection,
    recipe: Recipe,
    key: str,
    owner: str,
    *,
    estimate: float = 0.0,
    run_id: str | None = None,
    parent: str | None = None,
    step: int = 0,
) -> str:
    """A new run at the end of the queue; returns its id, 128 random bits."""
    facts = {
        "id": run_id or secrets.token_hex(16),
        "key": key,
        "owner": owner,
        "recipe": recipe.to_json(),
        "steps": recipe.train.steps,
        "step": step,
        "created": time.time(),
        "parent": parent,
        "estimate": estimate,
        "turn": queue.next_turn(database, owner),
    }
    marks = ", ".join(f":{name}" for name in facts)
    database.execute(f"INSERT INTO runs ({', '.join(facts)}) VALUES ({marks})", facts)
    return facts["id"]
