"""A person's list of runs: their own and the class's, with names, pins and a way to put things away."""

import sqlite3
import time
from dataclasses import dataclass

from runs.database import reading, writing
from runs.errors import NotAllowedError
from runs.home import Home
from runs.orders import owner_of, watchers

LONGEST_NAME = 60  # characters
MINE = "id IN (SELECT run_id FROM starts WHERE owner = :owner)"
LISTED = f"""
    SELECT id, {MINE} AS mine, runs.shared, coalesce(pinned, 0) AS pinned, deleted, life, pruned,
           coalesce(nullif(shelf.name, ''),
                    (SELECT name FROM shelf AS first WHERE first.run_id = id AND first.owner = runs.owner),
                    '') AS name
    FROM runs LEFT JOIN shelf ON shelf.run_id = id AND shelf.owner = :owner
    WHERE {MINE} OR runs.shared OR coalesce(pinned, 0)
    ORDER BY coalesce(pinned, 0) DESC, seq DESC
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the list."""

    run_id: str
    mine: bool  # started or joined by this person; else the class shares it
    shared: bool
    pinned: bool
    deleted: bool  # put away, and not gone yet
    name: str  # given by this person, else by who started it; "" without one
    life: int  # how often it was reset
    pruned: bool  # its checkpoints made room for others


class Shelf:
    """The list of one person."""

    def __init__(self, home: Home, owner: str) -> None:
        self.path = home.database
        self.owner = owner

    def entries(self, deleted: bool = False) -> list[Entry]:
        """What is on the list, pinned first, then newest first; or what was put away from it."""
        with reading(self.path) as database:
            rows = database.execute(LISTED, {"owner": self.owner}).fetchall()
        return [entry_from(row) for row in rows if (row["deleted"] is not None) == deleted]

    def rename(self, run_id: str, name: str) -> None:
        """Call a run something; control characters become spaces, and what is too long is cut."""
        self.put(run_id, "name", clean_name(name))

    def pin(self, run_id: str, pinned: bool = True) -> None:
        """Keep a run at the top of the list, and its checkpoints from being removed."""
        self.put(run_id, "pinned", int(pinned))

    def delete(self, run_id: str) -> None:
        """Put a run away; for an hour it can be restored. A run that nobody else watches is stopped."""
        with writing(self.path) as database:
            alone = watchers(database, run_id) <= {self.owner}
            if alone:
                database.execute(
                    """UPDATE runs SET wanted = CASE WHEN state IN ('starting', 'running') THEN 'stop' END,
                           state = CASE WHEN state IN ('queued', 'paused') THEN 'stopped' ELSE state END
                       WHERE id = ? AND state IN ('queued', 'paused', 'starting', 'running')""",
                    (run_id,),
                )
            write(database, run_id, self.owner, "deleted", time.time())
            write(database, run_id, self.owner, "pinned", 0)

    def restore(self, run_id: str) -> None:
        """Bring a run back that was put away."""
        self.put(run_id, "deleted", None)

    def share(self, run_id: str, shared: bool = True) -> None:
        """Show a run to everybody on this server, or no longer. NotAllowedError for another person's run."""
        with writing(self.path) as database:
            if owner_of(database, run_id) != self.owner:
                raise NotAllowedError("only the one who started a run can share it with the class")
            database.execute("UPDATE runs SET shared = ? WHERE id = ?", (int(shared), run_id))

    def put(self, run_id: str, what: str, value: object) -> None:
        """Write one thing about a run into this person's list."""
        with writing(self.path) as database:
            write(database, run_id, self.owner, what, value)


def clean_name(name: str) -> str:
    """A name without control characters, cut."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in name).split())[:LONGEST_NAME]


def write(database: sqlite3.Connection, run_id: str, owner: str, what: str, value: object) -> None:
    """Set one column of the shelf."""
    database.execute(
        f"""INSERT INTO shelf (run_id, owner, {what}) VALUES (?, ?, ?)
            ON CONFLICT (run_id, owner) DO UPDATE SET {what} = excluded.{what}""",
        (run_id, owner, value),
    )


def entry_from(row: sqlite3.Row) -> Entry:
    """A row of the list."""
    facts = {key: bool(row[key]) for key in ("mine", "shared", "pinned", "pruned")}
    kept = {key: row[key] for key in ("name", "life")}
    return Entry(run_id=row["id"], deleted=row["deleted"] is not None, **kept, **facts)
