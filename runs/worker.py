"""One process, one run: train it, report it, keep its checkpoints, do what is wanted of it."""

import math
import signal
import time
import traceback
from pathlib import Path

from safetensors import SafetensorError

from runs.errors import DamagedError, NotThereError, StoreError
from runs.events import Event, News
from runs.facts import save_facts
from runs.journal import Journal, Ledger
from runs.process import settle_down
from runs.rail import is_finite, rail_steps, save_to_rail, thin_out
from runs.recipe import Recipe
from runs.resume import drop_training, save_training
from runs.room import EXIT_FULL, FULL, disk_is_full, drop_unfinished
from runs.take_up import take_up
from runs.training import Training
from runs.trouble import Diverged, is_wild, trouble_in
from runs.wipe import wipe_files

EVENTS_EVERY = 0.3  # seconds between two batches of events: the page is live
CHECKPOINT_EVERY = 1.0  # seconds of work that a crash can cost
CHECKPOINT_SHARE = 20  # and at most a twentieth of the time goes into checkpoints


def work(run_dir: Path, journal: Ledger | None = None, kind: "type[Worker] | None" = None) -> int:
    """Train the run of this folder until it ends or must rest; returns the exit code of the process."""
    settle_down()
    journal = journal or Journal(run_dir)
    drop_unfinished(run_dir)
    try:
        return train_and_report((kind or Worker)(run_dir, journal), journal)
    except Exception as error:
        if not disk_is_full(error):
            raise
    drop_unfinished(run_dir)  # it may be the room that the next sentence needs
    try:
        journal.end("paused", FULL)
    except StoreError:
        return EXIT_FULL
    return 0


def train_and_report(worker: "Worker", journal: Ledger) -> int:
    """Train, and write down how it ended; what may be over at the next try is raised."""
    try:
        worker.run()
    except Diverged as error:
        journal.end("diverged", str(error))
    except (NotThereError, DamagedError) as error:  # of the model that it goes on from, or of the run itself
        journal.end("failed", str(error))
    except (OSError, StoreError, SafetensorError):
        raise  # of the disk or the database
    except Exception as error:
        traceback.print_exc()
        journal.end(
            "failed", f"{type(error).__name__}: {error}" if not isinstance(error, ValueError) else str(error)
        )
        return 1
    return 0


class Worker:
    """The training of one run, between its folder and its journal."""

    def __init__(self, run_dir: Path, journal: Ledger) -> None:
        self.run_dir = run_dir
        self.journal = journal
        self.pending: list[News] = []
        self.kept: frozenset[int] = frozenset()  # the steps of the rail
        self.last_write = self.last_save = -math.inf
        self.save_seconds = 0.0
        self.grad_norm = self.loss = math.nan  # of the last update
        self.wanted: str | None = None
        self.must_go = False
        signal.signal(signal.SIGTERM, self.on_terminate)

    def on_terminate(self, *_: object) -> None:
        """The machine stops: leave at the next step."""
        self.must_go = True

    def run(self) -> None:
        """All steps that are left, and the state that the run ends in."""
        recipe = self.journal.recipe()
        if recipe is None:
            return
        training = self.take_up(recipe)
        steps = training.prepared.recipe.train.steps
        self.kept = rail_steps(steps)
        self.look_at(training)
        events = training.events()
        while training.step < steps and not self.must_go and self.wanted in (None, "step"):
            alone = self.wanted == "step"
            event, report = training.explained(events) if alone else (next(events), None)
            self.take_note(event, training)
            if report:
                self.pending.append(report)
            self.look_at(training)
            if alone:
                break
        self.leave(training)

    def take_up(self, recipe: Recipe) -> Training:
        """The training as the last worker left it, or a new one."""
        return take_up(recipe, self.run_dir, self.journal)

    def look_at(self, training: Training) -> None:
        """What belongs to this step: checkpoints, an evaluation, the events handed over."""
        if training.step in self.kept:
            self.show(training)
        if training.evaluation_due():
            self.take_note(training.evaluate(), training)
        now = time.monotonic()
        if training.step <= 1 or now - self.last_write > EVENTS_EVERY:
            self.write_pending(training)
        if now - self.last_save > max(CHECKPOINT_EVERY, CHECKPOINT_SHARE * self.save_seconds):
            self.write_pending(training)  # first: what a resumed run will not do again must not be lost
            if not is_wild(self.loss, training.prepared.task.choices):
                self.save(training)

    def take_note(self, event: Event, training: Training) -> None:
        """Keep an event for the next batch. Raises Diverged, after handing it over, if it shows that."""
        self.pending.append(event)
        self.grad_norm = getattr(event, "grad_norm", self.grad_norm)
        self.loss = getattr(event, "loss", self.loss)
        trouble = trouble_in(event, training.prepared.task.choices, self.grad_norm)
        if trouble:
            self.write_pending(training)
            raise Diverged(trouble)

    def write_pending(self, training: Training) -> None:
        """Hand over the events, and hear what is wanted."""
        self.wanted, recipe = self.journal.write(self.pending, training.step)
        if recipe:
            training.change_recipe(recipe)
        self.pending = []
        self.last_write = time.monotonic()

    def save(self, training: Training) -> None:
        """Keep all that the next step depends on; weights that are no numbers never replace good ones."""
        if not is_finite(training.model):
            return
        start = time.monotonic()
        save_training(training, self.run_dir)
        self.last_save = time.monotonic()
        self.save_seconds = self.last_save - start

    def leave(self, training: Training) -> None:
        """Hand over what is left, keep the last model, and say in which state the run is now."""
        self.write_pending(training)
        done = training.step == training.prepared.recipe.train.steps
        if self.wanted == "reset":
            wipe_files(self.run_dir)
            self.journal.begin_again()
            return
        self.save(training)
        if done:
            self.journal.end("done")
            drop_training(self.run_dir)  # no step is left for which it would be needed
        elif self.wanted:
            self.show(training)
            thin_out(self.run_dir, self.kept)
            self.journal.rest()
        else:
            self.journal.give_back()

    def show(self, training: Training) -> None:
        """Keep the model for the views, and what is measured in it."""
        if is_finite(training.model):
            save_facts(training, self.run_dir)  # first: who sees the checkpoint finds its facts
            beside = training.prepared.task.beside(training.model)
            save_to_rail(training.body(), self.run_dir, training.step, beside)
