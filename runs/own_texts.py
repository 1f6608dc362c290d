"""People's own texts and tables: each is stored once, under its hash, however many runs learn from it.

The recipe of a run is kept as JSON in which a text of one's own is `{"sha256": ...}`. A text goes with the
last run that was started with it.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterator

from runs.errors import NotThereError, QuotaError
from runs.recipe import Recipe
from runs.settings import settings

SHARE = 4  # own texts may take a quarter of the disk space for runs
KEPT_AS = "surrogatepass"  # so that every text comes back as it was


def places(facts: dict) -> Iterator[tuple[dict, str]]:
    """Where a recipe can have a text or a table of one's own: the facts that hold it, and its name there."""
    yield facts, "text"
    if facts.get("tuning"):
        yield facts["tuning"], "csv"


def keep_recipe(database: sqlite3.Connection, run_id: str, recipe: Recipe) -> None:
    """Write a run's recipe, and its own texts if they are new. QuotaError if there is no room for them."""
    facts = recipe.facts()
    for part, name in places(facts):
        if isinstance(part.get(name), str):
            part[name] = {"sha256": keep_text(database, run_id, part[name])}
    database.execute("UPDATE runs SET recipe = ? WHERE id = ?", (json.dumps(facts), run_id))


def kept_recipe(database: sqlite3.Connection, run_id: str) -> Recipe:
    """A run's recipe with its texts. NotThereError if there is no such run."""
    row = database.execute("SELECT recipe FROM runs WHERE id = ?", (run_id,)).fetchone()
    if row is None:
        raise NotThereError("there is no such run here any more")
    facts = json.loads(row["recipe"])
    for part, name in places(facts):
        if isinstance(part.get(name), dict):
            part[name] = read_text(database, part[name]["sha256"])
    return Recipe.from_facts(facts)


def keep_text(database: sqlite3.Connection, run_id: str, text: str) -> str:
    """Keep a text for a run, once for all runs; returns its hash. QuotaError if there is no room for it."""
    content = text.encode("utf-8", KEPT_AS)
    digest = hashlib.sha256(content).hexdigest()
    if database.execute("SELECT 1 FROM texts WHERE sha256 = ?", (digest,)).fetchone() is None:
        check_room(database, len(content))
        database.execute("INSERT INTO texts VALUES (?, ?)", (digest, content))
    database.execute("INSERT OR IGNORE INTO run_texts VALUES (?, ?)", (run_id, digest))
    return digest


def read_text(database: sqlite3.Connection, digest: str) -> str:
    """A text by its hash. NotThereError if it is gone."""
    row = database.execute("SELECT content FROM texts WHERE sha256 = ?", (digest,)).fetchone()
    if row is None:
        raise NotThereError("the text that this run was started with is gone: start a new run")
    return row["content"].decode("utf-8", KEPT_AS)


def taken(database: sqlite3.Connection) -> int:
    """Bytes of all own texts together."""
    return database.execute("SELECT coalesce(sum(length(content)), 0) FROM texts").fetchone()[0]


def check_room(database: sqlite3.Connection, size: int) -> None:
    """Raise QuotaError if own texts would take more than their share of the disk space for runs."""
    most = settings().disk_bytes // SHARE
    if taken(database) + size > most:
        raise QuotaError(
            f"this text has {size / 2**20:,.1f} MiB, and all texts of people's own may take "
            f"{most / 2**20:,.0f} MiB on this server: choose a text of the library, or delete runs "
            "with texts of your own and come back in an hour"
        )


def drop_unused(database: sqlite3.Connection, run_id: str) -> None:
    """A run goes, and the texts that no other run was started with go with it."""
    database.execute("DELETE FROM run_texts WHERE run_id = ?", (run_id,))
    database.execute("DELETE FROM texts WHERE sha256 NOT IN (SELECT sha256 FROM run_texts)")


def move_texts(database: sqlite3.Connection) -> None:
    """Bring a store up to date in which each run's recipe held its texts itself."""
    for (run_id,) in database.execute("SELECT id FROM runs").fetchall():
        recipe = database.execute("SELECT recipe FROM runs WHERE id = ?", (run_id,)).fetchone()[0]
        facts = json.loads(recipe)
        own = [(part, name) for part, name in places(facts) if isinstance(part.get(name), str)]
        for part, name in own:
            content = part[name].encode("utf-8", KEPT_AS)
            digest = hashlib.sha256(content).hexdigest()
            database.execute("INSERT OR IGNORE INTO texts VALUES (?, ?)", (digest, content))
            database.execute("INSERT OR IGNORE INTO run_texts VALUES (?, ?)", (run_id, digest))
            part[name] = {"sha256": digest}
        if own:
            database.execute("UPDATE runs SET recipe = ? WHERE id = ?", (json.dumps(facts), run_id))
