"""Orders to a run: who may give them, and what they change in each state."""

import sqlite3

from runs.errors import NotAllowedError

ALLOWED = ("stop", "pause", "play")


def give(database: sqlite3.Connection, run_id: str, what: str, value: float | None, by: str | None) -> None:
    """Carry out an order, or leave it for the worker to see. ValueError for an unknown one."""
    if what not in ALLOWED:
        raise ValueError(f"there is no command {what!r}: choose one of {', '.join(ALLOWED)}")
    if value is not None:
        raise ValueError(f"the command {what!r} takes no value")
    if by is not None:
        check_right(database, run_id, by)
    {"stop": stop, "pause": pause, "play": play}[what](database, run_id)


def check_right(database: sqlite3.Connection, run_id: str, by: str) -> None:
    """Raise NotAllowedError unless `by` started the run or is its only watcher."""
    owner = database.execute("SELECT owner FROM runs WHERE id = ?", (run_id,)).fetchone()["owner"]
    watchers = {
        row["owner"] for row in database.execute("SELECT owner FROM starts WHERE run_id = ?", (run_id,))
    }
    if by != owner and watchers | {owner} != {by}:
        raise NotAllowedError(
            f"{len(watchers | {owner})} people watch this run: only the one who started it may give it orders"
        )


def stop(database: sqlite3.Connection, run_id: str) -> None:
    """End the run: at once if no worker is at it, else at the worker's next look."""
    change(database, run_id, "state = 'stopped'", "queued", "paused")
    change(database, run_id, "wanted = 'stop'", "starting", "running")


def pause(database: sqlite3.Connection, run_id: str) -> None:
    """Let the run rest; an order to stop stays."""
    change(database, run_id, "state = 'paused'", "queued")
    change(database, run_id, "wanted = coalesce(wanted, 'pause')", "starting", "running")


def play(database: sqlite3.Connection, run_id: str) -> None:
    """Let a resting run go on from where it is; it waits for its turn like any other."""
    change(database, run_id, "state = 'queued', reason = ''", "paused")
    change(database, run_id, "wanted = nullif(wanted, 'pause')", "starting", "running")


def change(database: sqlite3.Connection, run_id: str, what: str, *states: str) -> None:
    """Change the run if it is in one of these states."""
    marks = ", ".join("?" for _ in states)
    database.execute(f"UPDATE runs SET {what} WHERE id = ? AND state IN ({marks})", (run_id, *states))
