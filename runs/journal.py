"""What a worker writes about its run, in batches, and what it reads of the orders given."""

import math
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, astuple
from pathlib import Path
from typing import NamedTuple

from core.step_report import StepReport
from core.training import TrainEvent
from runs import orders, queue, wipe
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


class Journal:
    """One run's rows in the database."""

    def __init__(self, run_dir: Path) -> None:
        self.path = home_of(run_dir).database
        self.run_id = run_dir.name

    def recipe(self) -> Recipe | None:
        """What to train; None if the run was put to rest while the worker was being started."""
        find = "SELECT recipe FROM runs WHERE id = ? AND state IN ('starting', 'running')"
        with reading(self.path, PATIENCE) as database:
            row = database.execute(find, (self.run_id,)).fetchone()
        return row and Recipe.from_json(row["recipe"])

    def write(self, news: list[News], step: int) -> Heard:
        """Keep events and progress, and hear what is wanted of the run.

        Steps that are done again after a crash are the same, and stay as they were seen first.
        """
        with writing(self.path, PATIENCE) as database:
            for event in news:
                insert(database, self.run_id, event)
            database.execute(
                """UPDATE runs SET state = 'running', step = ?
                   WHERE id = ? AND state IN ('starting', 'running')""",
                (step, self.run_id),
            )
            recipe = orders.apply_rate(database, self.run_id)
            row = database.execute("SELECT wanted FROM runs WHERE id = ?", (self.run_id,)).fetchone()
        return Heard(row["wanted"], recipe)

    def note(self, sentence: str) -> None:
        """Keep something worth knowing about a run that goes on."""
        with writing(self.path, PATIENCE) as database:
            database.execute("UPDATE runs SET reason = ? WHERE id = ?", (sentence, self.run_id))

    def end(self, state: str, reason: str = "") -> None:
        """The run leaves the worker in this state; a reason given before stays if there is no new one.

        A reset that was asked for meanwhile still stands. A new learning rate comes too late for a run that
        has ended, so its key is that of its recipe again.
        """
        with writing(self.path, PATIENCE) as database:
            queue.leave(database, self.run_id, state, reason)

    def rest(self) -> None:
        """The worker leaves a run that is to rest, or to go on if that was taken back meanwhile."""
        with writing(self.path, PATIENCE) as database:
            database.execute(
                """UPDATE runs SET wanted = CASE wanted WHEN 'reset' THEN 'reset' END, state = CASE
                       WHEN wanted IS NULL THEN 'queued' WHEN wanted = 'stop' THEN 'stopped' ELSE 'paused' END
                   WHERE id = ? AND state IN ('starting', 'running')""",
                (self.run_id,),
            )

    def begin_again(self) -> None:
        """The run is back at step 0, and rests."""
        with writing(self.path, PATIENCE) as database:
            wipe.wipe_rows(database, self.run_id)

    def give_back(self) -> None:
        """The worker has to go, and the run waits for the next one."""
        with writing(self.path, PATIENCE) as database:
            queue.give_back(database, self.run_id)


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
