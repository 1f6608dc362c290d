"""The dispatcher's ear: what workers on other machines have reported goes into the database, once.

A piece of a report and the place up to which it was heard are written in one transaction: a dispatcher that
is killed in the middle has heard nothing of it, and the next one hears it again.
"""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from core.pieces import without_surrogates
from core.step_report import report_from
from core.training import TrainEvent
from runs import journal, mailbox, own_texts, queue, wipe
from runs.database import reading, writing
from runs.errors import StoreError
from runs.events import EvalEvent, News
from runs.gaps import without_gaps
from runs.home import Home

LARGEST = 2**63 - 1  # that SQLite can keep
LEAVING = ("done", "stopped", "paused", "diverged", "failed")
UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError, sqlite3.Error)


class FarWorker(NamedTuple):
    """A worker on another machine, as the database knows it."""

    run_id: str
    attempt: str  # tells it from those before it
    handle: str  # its name in Slurm or Dask; "" before it has one
    heard: int  # bytes of its report that are in the database


def far_workers(home: Home) -> list[FarWorker]:
    """All of them."""
    with reading(home.database) as database:
        return [FarWorker(*row) for row in database.execute("SELECT * FROM far_workers").fetchall()]


def hear(home: Home, worker: FarWorker) -> int:
    """Take in what a worker has reported since; returns how many lines make no sense, and were left out."""
    path = mailbox.report_of(home.run_dir(worker.run_id), worker.attempt)
    unreadable = 0
    while piece := next_piece(path, worker.heard):
        lines, end = piece
        with writing(home.database) as database:
            if not move_on(database, worker, end):
                return unreadable  # somebody else has heard it
            unreadable += sum(not take_in(database, worker.run_id, line) for line in lines)
        worker = worker._replace(heard=end)
    return unreadable


def next_piece(path: Path, start: int) -> tuple[list[bytes], int] | None:
    """The lines after this byte and where they end; None if there are none yet."""
    try:
        lines, end = mailbox.read_lines(path, start)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(f"the report {str(path)!r} cannot be read: {error.strerror}") from error
    return (lines, end) if end > start else None


def move_on(database: sqlite3.Connection, worker: FarWorker, end: int) -> bool:
    """Note how far a report is heard; False if that is not where this reader has begun."""
    change = "UPDATE far_workers SET heard = ? WHERE run_id = ? AND attempt = ? AND heard = ?"
    return database.execute(change, (end, worker.run_id, worker.attempt, worker.heard)).rowcount == 1


def take_in(database: sqlite3.Connection, run_id: str, line: bytes) -> bool:
    """Do what a line says, whole or not at all; False if it says nothing that a worker can say."""
    database.execute("SAVEPOINT line")
    try:
        said = json.loads(line)
        HEARD[said["what"]](database, run_id, said)
    except UNREADABLE as error:
        if isinstance(error, sqlite3.OperationalError):
            raise  # of the disk, not of the line
        database.execute("ROLLBACK TO line")
        return False
    finally:
        if database.in_transaction:
            database.execute("RELEASE line")
    return True


def heard_news(database: sqlite3.Connection, run_id: str, said: dict) -> None:
    """Events and progress."""
    journal.keep(database, run_id, [event_from(facts) for facts in said["news"]], whole(said["step"]))


def heard_rate(database: sqlite3.Connection, run_id: str, said: dict) -> None:
    """The worker follows a new learning rate; one that was ordered after it still waits."""
    row = database.execute("SELECT new_rate FROM runs WHERE id = ?", (run_id,)).fetchone()
    recipe = own_texts.kept_recipe(database, run_id).with_rate(whole(said["step"]), number(said["rate"]))
    own_texts.keep_recipe(database, run_id, recipe)
    if row["new_rate"] == said["rate"]:
        database.execute("UPDATE runs SET key = ?, new_rate = NULL WHERE id = ?", (recipe.key(), run_id))


def heard_end(database: sqlite3.Connection, run_id: str, said: dict) -> None:
    """The run has left the worker."""
    if said["state"] not in LEAVING:
        raise ValueError("no run can leave a worker in this state")
    queue.leave(database, run_id, said["state"], words(said["reason"]))


HEARD: dict[str, Callable[[sqlite3.Connection, str, dict], None]] = {
    "begun": lambda database, run_id, said: None,
    "write": heard_news,
    "rate": heard_rate,
    "cut_back": lambda database, run_id, said: journal.cut_back(
        database, run_id, whole(said["step"]), words(said["reason"])
    ),
    "note": lambda database, run_id, said: journal.note(database, run_id, words(said["reason"])),
    "end": heard_end,
    "rest": lambda database, run_id, said: journal.rest(database, run_id),
    "begin_again": lambda database, run_id, said: wipe.wipe_rows(database, run_id),
    "give_back": lambda database, run_id, said: queue.give_back(database, run_id),
}


def event_from(facts: dict) -> News:
    """An event as it was before it became JSON. Raises one of UNREADABLE for anything else."""
    facts = dict(facts)
    kind = facts.pop("kind")
    if kind == "report":
        return report_from(without_gaps(facts))
    if kind == "train":
        step, tokens = whole(facts.pop("step")), whole(facts.pop("tokens_seen"))
        return TrainEvent(step, tokens, **{name: number(value) for name, value in facts.items()})
    step, sample = whole(facts.pop("step")), words(facts.pop("sample"))
    scores = {words(name): number(value) for name, value in facts.pop("scores").items()}
    return EvalEvent(step, sample=sample, scores=scores, **{name: number(v) for name, v in facts.items()})


def whole(value: object) -> int:
    """A count. ValueError for anything else."""
    if type(value) is not int or not 0 <= value <= LARGEST:
        raise ValueError("this is no count")
    return value


def number(value: object) -> float:
    """A number, or NaN for a gap. ValueError for anything else."""
    if value is not None and type(value) not in (int, float):
        raise ValueError("this is no number")
    return without_gaps(value if value is None else float(value))


def words(value: object) -> str:
    """A text that can be kept. ValueError for anything else."""
    if not isinstance(value, str):
        raise ValueError("this is no text")
    return without_surrogates(value)
