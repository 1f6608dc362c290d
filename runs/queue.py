"""Whose turn it is: the order of waiting runs, and how a run passes from the queue to a worker and back."""

import sqlite3
from collections.abc import Iterable

ACTIVE = ("queued", "starting", "running")
TRAINING = ("starting", "running")
ENDED = ("done", "stopped", "diverged", "failed")
STATES = (*ACTIVE, "paused", *ENDED)
MOST_DEATHS = 3

# Rounds, as in a card game: everybody's first run, everybody's second, ... A newcomer joins the round that is
# being played, so nobody is ever overtaken for long, and who comes with four runs gets one a round.
FAIR_ORDER = """
    SELECT id, owner, EXISTS (
        SELECT 1 FROM runs AS other WHERE other.owner = runs.owner AND other.state IN ('starting', 'running')
    ) AS busy
    FROM runs WHERE state = 'queued' ORDER BY turn, seq
"""


def next_turn(database: sqlite3.Connection, owner: str) -> int:
    """The round for one more run of this person."""
    rounds = """SELECT coalesce(min(turn), 1) AS played,
                       coalesce(max(turn) FILTER (WHERE owner = ?), 0) AS own
                FROM runs WHERE state IN ('queued', 'starting', 'running')"""
    row = database.execute(rounds, (owner,)).fetchone()
    return max(row["played"], row["own"] + 1)


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


def standing_resets(database: sqlite3.Connection) -> list[str]:
    """Resting runs whose reset somebody has begun and not finished."""
    find = "SELECT id FROM runs WHERE wanted = 'reset' AND state NOT IN ('starting', 'running')"
    return [row["id"] for row in database.execute(find)]


def steps_of(database: sqlite3.Connection, run_ids: Iterable[str]) -> dict[str, int]:
    """How far these runs are."""
    find = "SELECT step FROM runs WHERE id = ?"
    return {run_id: database.execute(find, (run_id,)).fetchone()["step"] for run_id in run_ids}


def claim(database: sqlite3.Connection, slots: int, skipped: Iterable[str] = ()) -> str | None:
    """Mark the next run as starting, if a slot is free; one person trains one run at a time."""
    if len(training_runs(database)) >= slots:
        return None
    for row in database.execute(FAIR_ORDER).fetchall():
        if not row["busy"] and row["id"] not in skipped:
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


def leave(database: sqlite3.Connection, run_id: str, state: str, reason: str = "") -> None:
    """A run in training comes to rest in this state, and keeps an order to begin again."""
    database.execute(
        """UPDATE runs SET state = :state, reason = coalesce(nullif(:reason, ''), reason),
               wanted = CASE wanted WHEN 'reset' THEN 'reset' END,
               new_rate = CASE :state WHEN 'paused' THEN new_rate END,
               key = CASE :state WHEN 'paused' THEN key ELSE substr(key, 1, 64) END
           WHERE id = :run AND state IN ('starting', 'running')""",
        {"state": state, "reason": reason, "run": run_id},
    )


def count_death(database: sqlite3.Connection, run_id: str, how: str, saved: int) -> None:
    """A worker died over this run: it waits for another try, and after three deaths it has failed.

    The count begins again if the last checkpoint, of step `saved`, is a later one than at the last death.
    """
    database.execute(
        """UPDATE runs SET deaths = CASE WHEN :saved > saved_at_death THEN 1 ELSE deaths + 1 END,
               saved_at_death = :saved WHERE id = :run""",
        {"saved": saved, "run": run_id},
    )
    deaths = database.execute("SELECT deaths FROM runs WHERE id = ?", (run_id,)).fetchone()["deaths"]
    if deaths < MOST_DEATHS:
        give_back(database, run_id)
        return
    died = f"the training process died {deaths} times without progress"
    leave(database, run_id, "failed", f"{died}: the last one {how}")
