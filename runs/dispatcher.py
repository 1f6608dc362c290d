"""One small process that gives waiting runs to workers: `python -m runs.dispatcher --home FOLDER`."""

import argparse
import math
import os
import signal
import sys
import time
from typing import TYPE_CHECKING

from runs import queue
from runs.database import prepare_database, reading, writing
from runs.errors import StoreError
from runs.home import Home, open_home
from runs.lock import holder, try_lock
from runs.pruning import prune

if TYPE_CHECKING:
    from runs.launcher import Launcher

TICK = 0.1  # seconds
STALLED = 600.0  # seconds without one step after which a worker hangs
PRUNE_EVERY = 30.0  # seconds between two looks at how much room the runs take
LAST_WORDS = 8.0  # seconds that workers have for a checkpoint when the machine stops
UNKNOWN_DEATH = "left no word"


class Dispatcher:
    """Looks after the queue, tick by tick."""

    def __init__(
        self, home: Home, launcher: "Launcher", slots: int, idle_limit: float, stall_limit: float = STALLED
    ) -> None:
        self.home = home
        self.launcher = launcher
        self.slots = slots
        self.idle_limit = idle_limit  # seconds without a run after which it goes home
        self.stall_limit = stall_limit  # seconds without a step after which a worker is ended
        self.workers: dict[int, str] = {}  # process id -> run
        self.deaths: dict[str, str] = {}  # run -> how its worker ended
        self.progress: dict[str, tuple[int, float]] = {}  # run -> its step, and since when
        self.must_go = False
        self.last_busy = time.monotonic()
        self.last_prune = -math.inf

    def serve(self) -> None:
        """Tick until told to go, idle for long, or left without a data folder."""
        while not self.must_go and self.home.database.exists():
            try:
                self.tick()
            except (StoreError, OSError) as error:  # locked for long, or something is full: it may pass
                sys.stderr.write(f"{error}\n")
            if time.monotonic() - self.last_busy > self.idle_limit:
                return
            time.sleep(TICK)
        self.dismiss_workers()

    def tick(self) -> None:
        """Notice who has ended, requeue what has nobody, start what may start."""
        self.reap()
        with reading(self.home.database) as database:
            training = queue.training_runs(database)
            self.kill_stalled(queue.steps_of(database, training))
            waiting = database.execute("SELECT count(*) FROM runs WHERE state = 'queued'").fetchone()[0]
        for run_id in training:
            self.requeue_if_dead(run_id)
        if training or waiting:
            self.last_busy = time.monotonic()
        while waiting and self.start_next():
            pass
        if time.monotonic() - self.last_prune > PRUNE_EVERY:
            self.last_prune = time.monotonic()
            prune(self.home)

    def reap(self) -> None:
        """Collect the workers that have ended, and remember how."""
        for pid in list(self.workers):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                self.deaths[self.workers.pop(pid)] = how_it_ended(status)

    def kill_stalled(self, steps: dict[str, int]) -> None:
        """End the workers that have not made a step for long: their runs get another try.

        Workers that a dispatcher before this one has started are known by the process id in their lock file.
        """
        now = time.monotonic()
        self.progress = {run: self.progress.get(run, (step, now)) for run, step in steps.items()}
        for run_id, step in steps.items():
            if self.progress[run_id][0] != step:
                self.progress[run_id] = (step, now)
            elif now - self.progress[run_id][1] > self.stall_limit:
                own = [pid for pid, run in self.workers.items() if run == run_id]
                pid = own[0] if own else holder(self.home.run_lock(run_id))
                if pid:
                    self.launcher.kill(pid)

    def requeue_if_dead(self, run_id: str) -> None:
        """A run in training whose lock is free has lost its worker."""
        from runs.wipe import wipe_files, wipe_rows  # needs torch, which is loaded by now

        self.home.run_dir(run_id).mkdir(exist_ok=True)
        lock = try_lock(self.home.run_lock(run_id))
        if lock is None:
            return
        try:
            with writing(self.home.database) as database:
                if run_id not in queue.training_runs(database):
                    return  # it has ended just now
                if queue.wanted(database, run_id) == "reset":
                    wipe_files(self.home.run_dir(run_id))
                    wipe_rows(database, run_id)
                else:
                    queue.count_death(database, run_id, self.deaths.pop(run_id, UNKNOWN_DEATH))
        finally:
            os.close(lock)

    def start_next(self) -> bool:
        """Give one waiting run to a worker; False if there is none or no slot is free."""
        with writing(self.home.database) as database:
            run_id = queue.claim(database, self.slots)
        if run_id is None:
            return False
        handle = self.launcher.start(self.home.run_dir(run_id))
        if handle is None:  # its last worker has not quite left
            with writing(self.home.database) as database:
                queue.give_back(database, run_id)
            return False
        self.workers[handle] = run_id
        return True

    def on_terminate(self, *_: object) -> None:
        """The machine stops."""
        self.must_go = True

    def dismiss_workers(self) -> None:
        """Ask the workers to save and go, and wait for them for a while."""
        for pid in self.workers:
            os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + LAST_WORDS
        while self.workers and time.monotonic() < deadline:
            self.reap()
            time.sleep(0.02)


def how_it_ended(status: int) -> str:
    """The end of a process as words that go on from "the last one"."""
    code = os.waitstatus_to_exitcode(status)
    if code == -signal.SIGKILL:
        return "was killed, perhaps because the machine ran out of memory"
    return f"was ended by signal {-code}" if code < 0 else f"left with exit code {code}"


def load_everything() -> object:
    """Import torch and take one tiny step, so that workers are forked with all of it loaded."""
    import torch

    from core.config import TINY
    from core.data import random_batches
    from core.gpt import build_model
    from core.training import TrainConfig, train

    torch.set_num_threads(1)  # a process with more than one thread must not fork
    ids = torch.zeros(64, dtype=torch.long)
    batches = random_batches(ids, TINY.context_length, 1, torch.Generator())
    list(train(build_model(TINY), batches, TrainConfig(steps=1)))
    return torch


def main() -> None:
    """Take the dispatcher's place, unless somebody has it, and serve."""
    from runs.forecast import slots
    from runs.launcher import LocalLauncher

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", default=None, help="the data folder")
    home = open_home(parser.parse_args().home)
    lock = try_lock(home.dispatcher_lock, patience=0.2)
    if lock is None:
        return
    prepare_database(home.database)
    load_everything()
    idle_limit = float(os.environ.get("GLASSBOX_DISPATCHER_IDLE", "600"))
    dispatcher = Dispatcher(home, LocalLauncher(not_for_workers=(lock,)), slots(), idle_limit)
    signal.signal(signal.SIGTERM, dispatcher.on_terminate)
    dispatcher.serve()


if __name__ == "__main__":
    main()
