"""Who may start a run, and when a start joins a run that is there already."""

import secrets
import sqlite3
import time

from runs import own_texts, queue, quota
from runs.recipe import Recipe

SHARED = ("queued", "starting", "running", "paused", "done", "diverged")  # a new start joins such a run


def admit(
    database: sqlite3.Connection,
    recipe: Recipe,
    owner: str,
    click: str | None,
    *,
    address: str | None = None,
    estimate: float = 0.0,
) -> str:
    """The run that this start leads to, new or joined. QuotaError, NotAllowedError: `runs.quota`."""
    key = recipe.key()
    run_id = clicked_before(database, owner, click) or same_recipe(database, key)
    if run_id is None:
        near = quota.address_key(database, address)
        quota.check(database, owner, near)
        run_id = insert_run(database, recipe, key, owner, address=near, estimate=estimate)
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


def insert_run(
    database: sqlite3.Connection,
    recipe: Recipe,
    key: str,
    owner: str,
    *,
    address: str = "",
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
        "address": address,
        "recipe": "{}",
        "steps": recipe.train.steps,
        "step": step,
        "created": time.time(),
        "parent": parent,
        "estimate": estimate,
        "turn": queue.next_turn(database, owner),
    }
    marks = ", ".join(f":{name}" for name in facts)
    database.execute(f"INSERT INTO runs ({', '.join(facts)}) VALUES ({marks})", facts)
    own_texts.keep_recipe(database, facts["id"], recipe)
    return facts["id"]
