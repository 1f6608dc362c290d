"""The run store as the app sees it: start, watch and stop runs, and take models out at any checkpoint."""

import json
import math
import re
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from core.gpt import GPTModel
from core.tokenizer import Tokenizer
from core.tokenizer_facts import tokenizer_from
from core.training import TrainEvent
from runs import admission, orders, queue, rail
from runs.database import prepare_database, reading, writing
from runs.errors import NotThereError
from runs.events import EvalEvent, Event
from runs.home import Home, open_home
from runs.prepare import check_recipe, tokenizer_of
from runs.recipe import Recipe
from runs.summon import ensure_dispatcher

STATUS = "SELECT id, owner, state, step, steps, reason, created, key FROM runs"


@dataclass(frozen=True, slots=True)
class RunStatus:
    """How a run stands."""

    run_id: str
    owner: str
    state: str  # queued, starting, running, paused, done, stopped, diverged, failed
    step: int  # updates done
    steps: int  # updates of the whole run
    reason: str  # one sentence, where the state needs one
    created: float  # seconds since 1970
    key: str  # of the recipe
    position: int | None = None  # place in the queue, 1 for the next

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return self.state in queue.ENDED


class RunStore:
    """All runs of one data folder. Any thread may use it: each call opens its own connection."""

    def __init__(self, home: Home, start_dispatcher: bool = True) -> None:
        self.home = home
        self.start_dispatcher = start_dispatcher
        prepare_database(home.database)
        self.wake()

    def wake(self) -> None:
        """See to it that a dispatcher is at work."""
        if self.start_dispatcher:
            ensure_dispatcher(self.home)

    def start(self, recipe: Recipe, owner: str, click: str | None = None) -> str:
        """Queue a run, or join the one that has the same recipe; returns its id.

        A click token makes one run however often it is sent. ValueError for a recipe that cannot be trained,
        QuotaError (one, too) for a person who has a run in training and three waiting.
        """
        check_recipe(recipe)
        key = recipe.key()
        with writing(self.home.database) as database:
            run_id = admission.admit(database, recipe, key, owner, click)
        self.wake()
        return run_id

    def status(self, run_id: str) -> RunStatus:
        """How a run stands. NotThereError if there is none with this id."""
        with reading(self.home.database) as database:
            row = database.execute(f"{STATUS} WHERE id = ?", (check_id(run_id),)).fetchone()
            place = queue.position(database, run_id) if row and row["state"] == "queued" else None
        if row is None:
            raise NotThereError(
                "there is no such run here: it may have been deleted, or belongs to another server"
            )
        if row["state"] in queue.ACTIVE:
            self.wake()
        return status_from(row, place)

    def runs(self, owner: str) -> list[RunStatus]:
        """The runs that a person started or joined, newest first."""
        mine = f"{STATUS} WHERE id IN (SELECT run_id FROM starts WHERE owner = ?) ORDER BY seq DESC"
        with reading(self.home.database) as database:
            rows = database.execute(mine, (owner,)).fetchall()
            return [status_from(row, queue.position(database, row["id"])) for row in rows]

    def events(self, run_id: str, since: int = 0) -> list[Event]:
        """What happened from step `since` on; an evaluation comes before the update of the same step."""
        of_run = "WHERE run_id = ? AND step >= ? ORDER BY step"
        with reading(self.home.database) as database:
            wanted = (check_id(run_id), since)
            trained = database.execute(f"SELECT * FROM train_events {of_run}", wanted).fetchall()
            evaluated = database.execute(f"SELECT * FROM eval_events {of_run}", wanted).fetchall()
        events = [EvalEvent(*event_fields(row)) for row in evaluated] + [
            TrainEvent(*event_fields(row)) for row in trained
        ]
        return sorted(events, key=lambda event: event.step)  # a stable sort: evaluations stay in front

    def command(self, run_id: str, what: str, value: float | None = None, *, by: str | None = None) -> None:
        """Give an order: "stop", "pause" or "play". Giving one twice, or too late, changes nothing.

        With `by`, only the run's owner or its only watcher is obeyed: NotAllowedError otherwise.
        """
        self.status(run_id)
        with writing(self.home.database) as database:
            orders.give(database, run_id, what, value, by)
        self.wake()

    def recipe(self, run_id: str) -> Recipe:
        """What the run was started with."""
        self.status(run_id)
        with reading(self.home.database) as database:
            row = database.execute("SELECT recipe FROM runs WHERE id = ?", (run_id,)).fetchone()
        return Recipe.from_json(row["recipe"])

    def checkpoints(self, run_id: str) -> list[int]:
        """The steps at which the model can be seen; empty before the worker has begun."""
        return rail.kept_steps(self.home.run_dir(check_id(run_id)))

    def model(self, run_id: str, step: int) -> GPTModel:
        """The model after `step` updates, ready to look at. NotThereError for a step that was not kept."""
        return rail.load_from_rail(self.home.run_dir(check_id(run_id)), step)

    def tokenizer(self, run_id: str) -> Tokenizer:
        """The tokenizer that belongs to the run's models."""
        path = self.home.run_dir(check_id(run_id)) / "tokenizer.json"
        if path.exists():
            return tokenizer_from(json.loads(path.read_text(encoding="utf-8")))
        return tokenizer_of(self.recipe(run_id))


def open_store(folder: str | Path | None = None, start_dispatcher: bool = True) -> RunStore:
    """The runs of a data folder: $GLASSBOX_HOME, else the user's. StoreError if it cannot be used."""
    return RunStore(open_home(folder), start_dispatcher)


def check_id(run_id: str) -> str:
    """The id itself. NotThereError for what cannot be one: it becomes the name of a folder."""
    if not re.fullmatch(r"[0-9a-f]{32}", str(run_id)):
        raise NotThereError("this is not the id of a run: it has 32 digits and letters from a to f")
    return run_id


def status_from(row: sqlite3.Row, place: int | None) -> RunStatus:
    """A row of the runs as a status."""
    facts = dict(row)
    return RunStatus(run_id=facts.pop("id"), position=place, **facts)


def event_fields(row: sqlite3.Row) -> list:
    """The fields of an event; SQLite knows no NaN and keeps NULL instead."""
    return [math.nan if value is None else value for value in tuple(row)[1:]]
