"""The run store as the app sees it: start, watch and stop runs, and take models out at any checkpoint."""

import json
import re
from pathlib import Path

from core.classify import Classifier
from core.gpt import GPTModel
from core.step_report import StepReport, report_from
from core.tokenizer import Tokenizer
from core.training import TrainEvent
from runs import admission, forecast, forks, orders, own_texts, queue, rail, wipe
from runs.base import kept_tokenizer
from runs.brought import Brought
from runs.classifying import classifier_from
from runs.database import check_there, prepare_database, reading, writing
from runs.errors import NotThereError
from runs.events import Event, evaluation, event_fields
from runs.facts import CheckpointFacts, read_facts
from runs.home import Home, open_home
from runs.keeping import tidy
from runs.prepare import check_recipe, tokenizer_of
from runs.recipe import Recipe
from runs.shelf import Shelf
from runs.status import STATUS, RunStatus, status_from
from runs.summon import ensure_dispatcher


class RunStore:
    """All runs of one data folder. Any thread may use it: each call opens its own connection."""

    def __init__(self, home: Home, start_dispatcher: bool = True) -> None:
        self.home = home
        self.start_dispatcher = start_dispatcher
        prepare_database(home.database)
        tidy(home)
        self.wake()

    def check(self) -> None:
        """Raise StoreError if the database is gone or cannot be read now."""
        check_there(self.home.database)

    def wake(self) -> None:
        """See to it that a dispatcher is at work."""
        if self.start_dispatcher:
            ensure_dispatcher(self.home)

    def start(
        self, recipe: Recipe, owner: str, click: str | None = None, *, address: str | None = None
    ) -> str:
        """Queue a run, or join the one that has the same recipe; returns its id.

        A click token makes one run however often it is sent. ValueError for a recipe that cannot be trained,
        QuotaError (one, too) if as many runs wait as may: of this person, from this network address, or in
        total. NotAllowedError without an owner.
        """
        checked = check_recipe(recipe, self.home if recipe.tuning else None)
        seconds = forecast.estimate(recipe, checked.model)
        with writing(self.home.database) as database:
            run_id = admission.admit(database, recipe, owner, click, address=address, estimate=seconds)
        self.wake()
        return run_id

    def status(self, run_id: str) -> RunStatus:
        """How a run stands. NotThereError if there is none with this id."""
        with reading(self.home.database) as database:
            row = database.execute(f"{STATUS} WHERE id = ?", (check_id(run_id),)).fetchone()
            status = status_from(database, row) if row else None
        if status is None:
            raise NotThereError(
                "there is no such run here: it may have been deleted, or belongs to another server"
            )
        if status.state in queue.ACTIVE:
            self.wake()
        return status

    def runs(self, owner: str) -> list[RunStatus]:
        """The runs that a person started or joined, newest first."""
        mine = f"""{STATUS} WHERE id IN (SELECT run_id FROM starts WHERE owner = :owner)
                   AND id NOT IN (SELECT run_id FROM shelf WHERE owner = :owner AND deleted IS NOT NULL)
                   ORDER BY seq DESC"""
        with reading(self.home.database) as database:
            rows = database.execute(mine, {"owner": owner}).fetchall()
            return [status_from(database, row) for row in rows]

    def events(self, run_id: str, since: int = 0) -> list[Event]:
        """What happened from step `since` on; an evaluation comes before the update of the same step."""
        of_run = "WHERE run_id = ? AND step >= ? ORDER BY step"
        with reading(self.home.database) as database:
            wanted = (check_id(run_id), since)
            trained = database.execute(f"SELECT * FROM train_events {of_run}", wanted).fetchall()
            evaluated = database.execute(f"SELECT * FROM eval_events {of_run}", wanted).fetchall()
        events = [evaluation(row) for row in evaluated] + [TrainEvent(*event_fields(row)) for row in trained]
        return sorted(events, key=lambda event: event.step)  # a stable sort: evaluations stay in front

    def command(self, run_id: str, what: str, value: float | None = None, *, by: str | None = None) -> str:
        """Give an order: "play", "pause", "step", "stop", "reset", or "set_learning_rate" with its value.

        Giving one twice, or too late, changes nothing. Returns the id of the run that follows it: another one
        if a new learning rate had to branch off, because others watch this run or because it has ended.
        With `by`, only the run's owner or its only watcher is obeyed: NotAllowedError otherwise.
        """
        state = self.status(run_id).state
        orders.check(what, value)
        if what == "set_learning_rate":
            return self.set_learning_rate(run_id, value, by)
        with writing(self.home.database) as database:
            if by is not None:
                orders.check_right(database, run_id, what, by)
            orders.give(database, run_id, what)
        if what == "reset" and state not in orders.AT_WORK:
            wipe.reset_resting(self.home, run_id)
        self.wake()
        return run_id

    def set_learning_rate(self, run_id: str, rate: float, by: str | None) -> str:
        """Go on with another rate: in this run if nobody else watches it, else in one that branches off."""
        with writing(self.home.database) as database:
            by = by or orders.owner_of(database, run_id)
            row = database.execute("SELECT state FROM runs WHERE id = ?", (run_id,)).fetchone()
            if row["state"] not in queue.ENDED and orders.watchers(database, run_id) == {by}:
                orders.set_rate(database, run_id, rate)
                return run_id
        changed = forks.fork(self.home, run_id, rate, by)
        self.wake()
        return changed

    def recipe(self, run_id: str) -> Recipe:
        """What the run was started with."""
        self.status(run_id)
        with reading(self.home.database) as database:
            return own_texts.kept_recipe(database, run_id)

    def checkpoints(self, run_id: str) -> list[int]:
        """The steps at which the model can be seen; empty before the worker has begun."""
        return rail.kept_steps(self.home.run_dir(check_id(run_id)))

    def facts(self, run_id: str) -> list[CheckpointFacts]:
        """What was measured in the model at its checkpoints, in order."""
        return read_facts(self.home.run_dir(check_id(run_id)))

    def reports(self, run_id: str) -> list[StepReport]:
        """All about the steps that were taken one by one, in order."""
        find = "SELECT report FROM step_reports WHERE run_id = ? ORDER BY step"
        with reading(self.home.database) as database:
            rows = database.execute(find, (check_id(run_id),)).fetchall()
        return [report_from(json.loads(row["report"])) for row in rows]

    def watchers(self, run_id: str) -> frozenset[str]:
        """Who started a run or joined it, and has not put it away."""
        with reading(self.home.database) as database:
            return frozenset(orders.watchers(database, check_id(run_id)))

    def way_back(self, run_id: str) -> int | None:
        """The step that a run could go on from with another learning rate; None if nothing is kept."""
        return forks.last_saved(self.home.run_dir(check_id(run_id)))[1]

    def shelf(self, owner: str) -> Shelf:
        """A person's list of runs."""
        return Shelf(self.home, owner)

    def brought(self) -> Brought:
        """The models that people brought from elsewhere."""
        return Brought(self.home)

    def model(self, run_id: str, step: int) -> GPTModel:
        """The model after `step` updates, ready to look at. NotThereError for a step that was not kept."""
        return rail.load_from_rail(self.home.run_dir(check_id(run_id)), step)

    def tokenizer(self, run_id: str) -> Tokenizer:
        """The tokenizer that belongs to the run's models."""
        try:
            return kept_tokenizer(self.home.run_dir(check_id(run_id)))
        except FileNotFoundError:
            return tokenizer_of(self.recipe(run_id), self.home)

    def classifier(self, run_id: str, step: int) -> Classifier:
        """The whole network of a run that learns to sort texts, after `step` updates."""
        layer = rail.load_beside(self.home.run_dir(check_id(run_id)), step)
        return classifier_from(self.recipe(run_id).tuning, self.model(run_id, step), layer)


def open_store(folder: str | Path | None = None, start_dispatcher: bool = True) -> RunStore:
    """The runs of a data folder: $GLASSBOX_HOME, else the user's. StoreError if it cannot be used."""
    return RunStore(open_home(folder), start_dispatcher)


def check_id(run_id: str) -> str:
    """The id itself. NotThereError for what cannot be one: it becomes the name of a folder."""
    if not re.fullmatch(r"[0-9a-f]{32}", str(run_id)):
        raise NotThereError("this is not the id of a run: it has 32 digits and letters from a to f")
    return run_id
