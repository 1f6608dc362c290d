"""Whose turn it is: the order of waiting runs, and how a run passes from the queue to a worker and back."""

import sqlite3
from collections.abc import Iterable

ACTIVE = ("queued", "starting", "running")
TRAINING = ("starting", "running")
ENDED = ("done", "stopped", "diverged", "failed")
MOST_DEATHS = 3

# A person's first waiting run has turn 0, the second 1, ...; with a run in training, each is one turn later.
FAIR_ORDER = """
    SELECT id, owner, busy FROM (
        SELECT id, owner, seq, busy,
               busy + row_number() OVER (PARTITION BY owner ORDER BY seq) - 1 AS turn
        FROM (SELECT id, owner, seq, (
                  SELECT count(*) FROM runs AS other
                  WHERE other.owner = runs.owner AND other.state IN ('starting', 'running')
              ) AS busy
              FROM runs WHERE state = 'queued')
    ) ORDER BY turn, seq
"""


def position(database: sqlite3.Connection, run_id: str) -> int | None:
    """A waiting run's place in the queue, 1 for the next; None if it does not wait."""
    waiting = [row["id"] for row in database.execute(FAIR_ORDER)]
    return waiting.index(run_id) + 1 if run_id in waiting else None


def training_runs(database: sqlite3.Connection) -> list[str]:
    """Runs that a worker should be at."""
    return [
        row["id"] for row in database.execute("SELECT id FROM runs WHERE state IN ('starting', 'running')")
    ]


def wanted(database: sqlite3.Connection, run_id: str) -> str | None:
    """The order that the run has not followed yet."""
    return database.execute("SELECT wanted FROM runs WHERE id = ?", (run_id,)).fetchone()["wanted"]


def steps_of(database: sqlite3.Connection, run_ids: Iterable[str]) -> dict[str, int]:
    """How far these runs are."""
    find = "SELECT step FROM runs WHERE id = ?"
    return {run_id: database.execute(find, (run_id,)).fetchone()["step"] for run_id in run_ids}


def claim(database: sqlite3.Connection, slots: int) -> str | None:
    """Mark the next run as starting, if a slot is free; one person trains one run at a time."""
    if len(training_runs(database)) >= slots:
        return None
    for row in database.execute(FAIR_ORDER).fetchall():
        if not row["busy"]:
            database.execute("UPDATE runs SET state = 'starting' WHERE id = ?", (row["id"],))
            return row["id"]
    return None


def give_back(database: sqlite3.Connection, run_id: str) -> None:
    """A run that no worker is at any more waits again, or rests if that was asked for meanwhile.

    An order to take one step, or to begin again, stays for who comes next.
    """
    database.execute(
        """UPDATE runs SET wanted = CASE WHEN wanted IN ('step', 'reset') THEN wanted END,
               state = CASE wanted WHEN 'stop' THEN 'stopped' WHEN 'pause' THEN 'paused' ELSE 'queued' END
           WHERE id = ? AND state IN ('starting', 'running')""",
        (run_id,),
    )


def count_death(database: sqlite3.Connection, run_id: str, how: str) -> None:
    """A worker died over this run: it waits for another try, and after three deaths it has failed."""
    database.execute("UPDATE runs SET deaths = deaths + 1 WHERE id = ?", (run_id,))
    deaths = database.execute("SELECT deaths FROM runs WHERE id = ?", (run_id,)).fetchone()["deaths"]
    if deaths < MOST_DEATHS:
        give_back(database, run_id)
        return
    database.execute(
        """UPDATE runs SET state = 'failed', wanted = NULL, reason = ?
           WHERE id = ? AND state IN ('starting', 'running')""",
        (f"the training process died {deaths} times: the last one {how}", run_id),
    )
