"""The dispatcher of workers on other machines: it hears their reports, passes orders on, notices deaths.

Whether a worker lives is asked of Slurm or Dask, not of the run's lock: many shared folders keep locks to
each machine, and a job that waits for its machine holds none. A worker that is given up is first struck from
the orders; should it live after all, it leaves at its next look and can spoil nothing.
"""

import math
import time
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from runs import mailbox, own_texts, queue
from runs.database import reading, writing
from runs.dispatcher import Dispatcher
from runs.errors import StoreError
from runs.home import Home
from runs.ingest import FarWorker, far_workers, hear
from runs.mailbox import NOBODY, Orders

LET_GO = 60.0  # seconds in which the lock of a worker that was given up should be free
RETRY = 10.0  # seconds after a start that failed


class FarLauncher(Protocol):
    """Starts workers on other machines."""

    def start(self, run_dir: Path, attempt: str) -> str:
        """Have a worker started as soon as there is a machine; returns its name there. StoreError."""

    def ended(self, handle: str) -> str | None:
        """How a worker has ended, as words that go on from "the last one"; None while it waits or works."""

    def kill(self, handle: str) -> None:
        """End a worker that its run does not belong to any more; nothing depends on it."""


class FarDispatcher(Dispatcher):
    """Looks after the queue as the other does, and after workers that it cannot see."""

    launcher: FarLauncher

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        self.told: dict[str, Orders] = {}  # run -> what its worker's orders say
        self.parted: dict[str, float] = {}  # run -> when its last worker was given up
        self.next_try = -math.inf

    def reap(self) -> None:
        """Hear every worker, tell it what is wanted, and part with those that have ended."""
        for worker in far_workers(self.home):
            if not worker.handle:  # a dispatcher died before it had started this one
                self.withdraw(worker)
            elif how := self.how_it_ended(worker):
                self.part(worker, how)
            elif self.pass_on_orders(worker):
                self.take_in(worker)

    def how_it_ended(self, worker: FarWorker) -> str | None:
        """What Slurm or Dask says; while neither answers, a worker is taken to be alive."""
        try:
            return self.launcher.ended(worker.handle)
        except StoreError as error:
            self.complain(str(error))
            return None

    def take_in(self, worker: FarWorker) -> None:
        """Write what a worker has reported into the database; a run that it has left is no longer its own."""
        if hear(self.home, worker):
            self.complain(f"the report of the run {worker.run_id} has lines that make no sense: left out")
        with reading(self.home.database) as database:
            left = worker.run_id not in queue.training_runs(database)
        if left:
            self.forget(worker)

    def pass_on_orders(self, worker: FarWorker) -> bool:
        """Let a worker know what is wanted; False if the run is to rest and no machine has taken it yet."""
        find = "SELECT wanted, new_rate FROM runs WHERE id = ?"
        with reading(self.home.database) as database:
            wanted, rate = database.execute(find, (worker.run_id,)).fetchone()
        run_dir = self.home.run_dir(worker.run_id)
        if wanted in ("stop", "pause", "reset") and not mailbox.has_begun(run_dir, worker.attempt):
            self.withdraw(worker)
            return False
        orders = Orders(worker.attempt, wanted, rate)
        if self.told.get(worker.run_id) != orders:
            mailbox.write_orders(run_dir, orders)
            self.told[worker.run_id] = orders
        return True

    def withdraw(self, worker: FarWorker) -> None:
        """Take back a run that waits for a machine."""
        self.strike(worker)
        if worker.handle:
            self.launcher.kill(worker.handle)
        with writing(self.home.database) as database:
            queue.give_back(database, worker.run_id)
            database.execute("DELETE FROM far_workers WHERE run_id = ?", (worker.run_id,))

    def part(self, worker: FarWorker, how: str) -> None:
        """A worker has ended: hear its last words. Without any it has died, and `repair` sees to its run."""
        self.strike(worker)  # first: what it could still save after that, nobody would have heard of
        self.take_in(worker)
        self.deaths[worker.run_id] = how
        self.parted[worker.run_id] = time.monotonic()
        self.forget(worker)

    def strike(self, worker: FarWorker) -> None:
        """From now on the run belongs to nobody."""
        self.told.pop(worker.run_id, None)
        folder = mailbox.folder_of(self.home.run_dir(worker.run_id))
        if folder.exists():
            mailbox.write_orders(folder.parent, Orders(NOBODY))

    def forget(self, worker: FarWorker) -> None:
        """There is no such worker any more."""
        self.told.pop(worker.run_id, None)
        delete = "DELETE FROM far_workers WHERE run_id = ? AND attempt = ?"
        with writing(self.home.database) as database:
            database.execute(delete, (worker.run_id, worker.attempt))
        mailbox.clear(self.home.run_dir(worker.run_id))

    def kill_stalled(self, run_ids: list[str]) -> None:
        """Part with workers that have begun and not made a step for long: their runs get another try."""
        workers = {worker.run_id: worker for worker in far_workers(self.home)}
        begun = [
            run_id
            for run_id in run_ids
            if run_id in workers and mailbox.has_begun(self.home.run_dir(run_id), workers[run_id].attempt)
        ]
        for run_id in self.watchdog.look(begun):
            self.part(workers[run_id], f"made no step for {self.watchdog.stall_limit:.0f} s and was ended")
            self.launcher.kill(workers[run_id].handle)

    def repair(self, run_id: str) -> None:
        """A run that has a worker is left to it; others as on this machine, once their lock is free.

        A worker that hangs elsewhere keeps its lock: after a while its run does not wait for that any longer.
        """
        if any(worker.run_id == run_id for worker in far_workers(self.home)):
            return
        if time.monotonic() - self.parted.get(run_id, math.inf) > LET_GO:
            self.requeue(run_id)
        else:
            super().repair(run_id)

    def start_next(self) -> bool:
        """Hand one waiting run to another machine; False if there is none, no slot, or nobody takes it."""
        if time.monotonic() < self.next_try:
            return False
        attempt = uuid4().hex
        with writing(self.home.database) as database:
            run_id = queue.claim(database, self.slots, self.held_up)
            if run_id is None:
                return False
            add = "INSERT OR REPLACE INTO far_workers (run_id, attempt) VALUES (?, ?)"
            database.execute(add, (run_id, attempt))
            recipe = own_texts.kept_recipe(database, run_id)
            step = queue.steps_of(database, [run_id])[run_id]
        try:
            run_dir = self.home.run_dir(run_id)
            mailbox.lay_out(run_dir, attempt, recipe, step)
            handle = self.launcher.start(run_dir, attempt)
        except (StoreError, OSError) as error:
            self.give_up(FarWorker(run_id, attempt, "", 0), str(error))
            return False
        with writing(self.home.database) as database:
            database.execute("UPDATE far_workers SET handle = ? WHERE run_id = ?", (handle, run_id))
        self.deaths.pop(run_id, None)
        self.watchdog.forget(run_id)
        return True

    def give_up(self, worker: FarWorker, why: str) -> None:
        """Nobody takes a run: it waits on, says why, and is offered again later."""
        self.withdraw(worker)
        self.next_try = time.monotonic() + RETRY
        self.complain(why)
        with writing(self.home.database) as database:
            database.execute("UPDATE runs SET reason = ? WHERE id = ?", (why, worker.run_id))

    def dismiss_workers(self) -> None:
        """They go on without a dispatcher; the next one hears what they have done meanwhile."""


def call_home(home: Home) -> None:
    """Take all runs from other machines, because this one is to train from now on."""
    for worker in far_workers(home):
        run_dir = home.run_dir(worker.run_id)
        if mailbox.folder_of(run_dir).exists():
            mailbox.write_orders(run_dir, Orders(NOBODY))
        hear(home, worker)
        with writing(home.database) as database:
            queue.give_back(database, worker.run_id)
            database.execute("DELETE FROM far_workers WHERE run_id = ?", (worker.run_id,))
