"""Orders to a run: who may give them, and what they change in each state."""

import math
import sqlite3
from collections.abc import Callable

from runs import own_texts, queue, quota
from runs.errors import NotAllowedError
from runs.recipe import Recipe

AT_WORK = ("starting", "running")


def check(what: str, value: float | None) -> None:
    """Raise ValueError for an order that there is not, or that lacks or has a value against its nature."""
    if what not in ALLOWED:
        raise ValueError(f"there is no command {what!r}: choose one of {', '.join(ALLOWED)}")
    if what != "set_learning_rate":
        if value is not None:
            raise ValueError(f"the command {what!r} takes no value")
    elif not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        raise ValueError(f"the learning rate is {value!r}: it must be a number of at least 0")


def check_right(database: sqlite3.Connection, run_id: str, what: str, by: str) -> None:
    """Raise NotAllowedError unless `by` started the run or is its only watcher; a reset needs both."""
    everybody = watchers(database, run_id)
    if what == "reset" and everybody != {by}:
        raise NotAllowedError(
            f"{len(everybody)} people watch this run, and a reset would take its curve from all of them: "
            "move your own checkpoint slider back to 0 instead"
        )
    if by != owner_of(database, run_id) and everybody != {by}:
        raise NotAllowedError(
            f"{len(everybody)} people watch this run: only the one who started it may give it orders"
        )


def owner_of(database: sqlite3.Connection, run_id: str) -> str:
    """Who started the run first."""
    return database.execute("SELECT owner FROM runs WHERE id = ?", (run_id,)).fetchone()["owner"]


def watchers(database: sqlite3.Connection, run_id: str) -> set[str]:
    """Who started the run or joined it, and has not put it away."""
    rows = database.execute(
        """SELECT owner FROM starts WHERE run_id = :run UNION SELECT owner FROM runs WHERE id = :run
           EXCEPT SELECT owner FROM shelf WHERE run_id = :run AND deleted IS NOT NULL""",
        {"run": run_id},
    )
    return {row["owner"] for row in rows}


def give(database: sqlite3.Connection, run_id: str, what: str) -> None:
    """Carry out an order, or leave it for the worker. Giving one twice, or too late, changes nothing."""
    GIVE[what](database, run_id)


def stop(database: sqlite3.Connection, run_id: str) -> None:
    """End the run: at once if no worker is at it, else at the worker's next look."""
    change(database, run_id, "state = 'stopped', wanted = NULL", "queued", "paused")
    change(database, run_id, "wanted = 'stop'", *AT_WORK)


def pause(database: sqlite3.Connection, run_id: str) -> None:
    """Let the run rest; an order to stop stays."""
    change(database, run_id, "state = 'paused', wanted = NULL", "queued")
    change(database, run_id, "wanted = coalesce(wanted, 'pause')", *AT_WORK)


def play(database: sqlite3.Connection, run_id: str) -> None:
    """Let a resting run go on from where it is; it waits for its turn like any other."""
    quota.check_again(database, run_id)
    change(database, run_id, f"state = 'queued', reason = '', turn = {turn(database, run_id)}", "paused")
    change(database, run_id, "wanted = nullif(nullif(wanted, 'pause'), 'step')", "queued", *AT_WORK)


def step(database: sqlite3.Connection, run_id: str) -> None:
    """Take one step, with a report about it, and rest."""
    quota.check_again(database, run_id)
    change(database, run_id, f"state = 'queued', reason = '', turn = {turn(database, run_id)}", "paused")
    change(database, run_id, "wanted = 'step'", "queued")
    change(database, run_id, "wanted = CASE wanted WHEN 'stop' THEN 'stop' ELSE 'step' END", *AT_WORK)


def turn(database: sqlite3.Connection, run_id: str) -> int:
    """The round of the queue for a run that has rested."""
    return queue.next_turn(database, owner_of(database, run_id))


def reset(database: sqlite3.Connection, run_id: str) -> None:
    """Back to step 0, and rest there; `runs.wipe` does it if no worker is at the run.

    The order stands until then, so that a crash in the middle leaves nothing half done.
    """
    change(database, run_id, "wanted = CASE wanted WHEN 'stop' THEN 'stop' ELSE 'reset' END", *queue.STATES)


def set_rate(database: sqlite3.Connection, run_id: str, rate: float) -> None:
    """Another learning rate from the next step on; nobody joins the run any more by its old recipe."""
    apart = "key = key || ':' || hex(randomblob(8))"
    change(database, run_id, f"new_rate = {float(rate)!r}, {apart}", "queued", "paused", *AT_WORK)
    row = database.execute("SELECT state FROM runs WHERE id = ?", (run_id,)).fetchone()
    if row["state"] in ("queued", "paused"):
        apply_rate(database, run_id)


def apply_rate(database: sqlite3.Connection, run_id: str) -> Recipe | None:
    """Write a wanted rate into the recipe, from the first step that nobody has seen; None without one."""
    row = database.execute("SELECT new_rate FROM runs WHERE id = ?", (run_id,)).fetchone()
    if row["new_rate"] is None:
        return None
    seen = "SELECT coalesce(max(step) + 1, 0) AS next FROM train_events WHERE run_id = ?"
    at = database.execute(seen, (run_id,)).fetchone()["next"]
    recipe = own_texts.kept_recipe(database, run_id).with_rate(at, row["new_rate"])
    own_texts.keep_recipe(database, run_id, recipe)
    database.execute("UPDATE runs SET key = ?, new_rate = NULL WHERE id = ?", (recipe.key(), run_id))
    return recipe


def change(database: sqlite3.Connection, run_id: str, what: str, *states: str) -> None:
    """Change the run if it is in one of these states."""
    marks = ", ".join("?" for _ in states)
    database.execute(f"UPDATE runs SET {what} WHERE id = ? AND state IN ({marks})", (run_id, *states))


GIVE: dict[str, Callable[[sqlite3.Connection, str], None]] = {
    "play": play,
    "pause": pause,
    "step": step,
    "stop": stop,
    "reset": reset,
}
ALLOWED = (*GIVE, "set_learning_rate")
