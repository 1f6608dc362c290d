"""What a worker writes about its run, in batches, and what it reads of the orders given.

A worker has a `Ledger` and does not know which: the `Journal` here, on the machine that has the database, or
that of `runs.folder_journal` on another one. What that one says, the dispatcher writes down as is done here.
"""

import math
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, astuple
from pathlib import Path
from typing import NamedTuple, Protocol

from core.step_report import StepReport
from core.training import TrainEvent
from runs import orders, own_texts, queue, wipe
from runs.database import reading, writing
from runs.events import News
from runs.gaps import to_json
from runs.home import home_of
from runs.recipe import Recipe

PATIENCE = 300.0  # seconds to wait for the database: nobody waits for a worker, and its work is worth it


class Heard(NamedTuple):
    """What a worker hears when it hands over its news."""

    wanted: str | None  # "stop", "pause", "step", "reset" or nothing
    recipe: Recipe | None  # the new one, if the learning rate was changed


class Ledger(Protocol):
    """Where a worker writes about its run, and hears what is wanted of it."""

    def recipe(self) -> Recipe | None:
        """What to train; None if the run was put to rest while the worker was being started."""

    def progress(self) -> int:
        """How many steps of the run have been seen."""

    def cut_back(self, step: int, sentence: str) -> None:
        """The run goes on from an older step: forget what was seen after it, and keep the sentence."""

    def write(self, news: list[News], step: int) -> Heard:
        """Keep events and progress, and hear what is wanted of the run."""

    def note(self, sentence: str) -> None:
        """Keep something worth knowing about a run that goes on."""

    def end(self, state: str, reason: str = "") -> None:
        """The run leaves the worker in this state; a reason given before stays if there is no new one."""

    def rest(self) -> None:
        """The worker leaves a run that is to rest, or to go on if that was taken back meanwhile."""

    def begin_again(self) -> None:
        """The run is back at step 0, and rests."""

    def give_back(self) -> None:
        """The worker has to go, and the run waits for the next one."""


class Journal:
    """The ledger beside the database: one run's rows in it."""

    def __init__(self, run_dir: Path) -> None:
        self.path = home_of(run_dir).database
        self.run_id = run_dir.name

    def recipe(self) -> Recipe | None:
        with reading(self.path, PATIENCE) as database:
            is_wanted = self.run_id in queue.training_runs(database)
            return own_texts.kept_recipe(database, self.run_id) if is_wanted else None

    def progress(self) -> int:
        with reading(self.path, PATIENCE) as database:
            return queue.steps_of(database, [self.run_id])[self.run_id]

    def cut_back(self, step: int, sentence: str) -> None:
        with writing(self.path, PATIENCE) as database:
            cut_back(database, self.run_id, step, sentence)

    def write(self, news: list[News], step: int) -> Heard:
        with writing(self.path, PATIENCE) as database:
            keep(database, self.run_id, news, step)
            recipe = orders.apply_rate(database, self.run_id)
            return Heard(queue.wanted(database, self.run_id), recipe)

    def note(self, sentence: str) -> None:
        with writing(self.path, PATIENCE) as database:
            note(database, self.run_id, sentence)

    def end(self, state: str, reason: str = "") -> None:
        with writing(self.path, PATIENCE) as database:
            queue.leave(database, self.run_id, state, reason)

    def rest(self) -> None:
        with writing(self.path, PATIENCE) as database:
            rest(database, self.run_id)

    def begin_again(self) -> None:
        with writing(self.path, PATIENCE) as database:
            wipe.wipe_rows(database, self.run_id)

    def give_back(self) -> None:
        with writing(self.path, PATIENCE) as database:
            queue.give_back(database, self.run_id)


def keep(database: sqlite3.Connection, run_id: str, news: list[News], step: int) -> None:
    """Write down events and progress.

    Steps that are done again after a crash are the same, and stay as they were seen first.
    """
    for event in news:
        insert(database, run_id, event)
    database.execute(
        "UPDATE runs SET state = 'running', step = ? WHERE id = ? AND state IN ('starting', 'running')",
        (step, run_id),
    )


def note(database: sqlite3.Connection, run_id: str, sentence: str) -> None:
    """Write down what is worth knowing about a run."""
    database.execute("UPDATE runs SET reason = ? WHERE id = ?", (sentence, run_id))


def cut_back(database: sqlite3.Connection, run_id: str, step: int, sentence: str) -> None:
    """Forget what was seen of a run after a step: it goes on from there."""
    for table, first in (("train_events", step), ("step_reports", step), ("eval_events", step + 1)):
        database.execute(f"DELETE FROM {table} WHERE run_id = ? AND step >= ?", (run_id, first))
    database.execute("UPDATE runs SET step = ?, reason = ? WHERE id = ?", (step, sentence, run_id))


def rest(database: sqlite3.Connection, run_id: str) -> None:
    """A run in training comes to rest as it was ordered to, or waits again if nothing is wanted any more."""
    database.execute(
        """UPDATE runs SET wanted = CASE wanted WHEN 'reset' THEN 'reset' END, state = CASE
               WHEN wanted IS NULL THEN 'queued' WHEN wanted = 'stop' THEN 'stopped' ELSE 'paused' END
           WHERE id = ? AND state IN ('starting', 'running')""",
        (run_id,),
    )


def insert(database: sqlite3.Connection, run_id: str, event: News) -> None:
    """Write one event or report; NaN becomes NULL, for SQLite knows none."""
    if isinstance(event, StepReport):
        table, values = "step_reports", [event.step, to_json(asdict(event))]
    else:
        table = "train_events" if isinstance(event, TrainEvent) else "eval_events"
        values = [kept(value) for value in astuple(event)]
    marks = ", ".join("?" for _ in range(len(values) + 1))
    database.execute(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", (run_id, *values))


def kept(value: object) -> object:
    """A field of an event as SQLite keeps it: it knows no NaN, and scores are JSON."""
    if isinstance(value, Mapping):
        return to_json(value)
    return None if isinstance(value, float) and math.isnan(value) else value
