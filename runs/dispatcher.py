"""One small process that gives waiting runs to workers: `python -m runs.dispatcher --home FOLDER`."""

import argparse
import math
import os
import signal
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from runs import queue
from runs.database import prepare_database, reading, writing
from runs.deaths import UNKNOWN, how_it_ended, lost_its_worker
from runs.errors import StoreError
from runs.home import Home, open_home
from runs.lock import try_lock
from runs.pruning import prune
from runs.settings import settings
from runs.watchdog import STALLED, Watchdog

if TYPE_CHECKING:
    from runs.launcher import Launcher

TICK = 0.1  # seconds
PRUNE_EVERY = 30.0  # seconds between two looks at how much room the runs take
LAST_WORDS = 8.0  # seconds that workers have for a checkpoint when the machine stops


class Dispatcher:
    """Looks after the queue, tick by tick."""

    def __init__(
        self, home: Home, launcher: "Launcher", slots: int, idle_limit: float, stall_limit: float = STALLED
    ) -> None:
        self.home = home
        self.launcher = launcher
        self.slots = slots
        self.idle_limit = idle_limit  # seconds without a run after which it goes home
        self.watchdog = Watchdog(home, stall_limit)  # seconds without a step after which a worker is ended
        self.workers: dict[int, str] = {}  # process id -> run
        self.deaths: dict[str, str] = {}  # run -> how its worker ended
        self.held_up: set[str] = set()  # waiting runs whose last worker has not quite left
        self.complaint = ""  # the last one in the log
        self.must_go = False
        self.last_busy = time.monotonic()
        self.last_prune = -math.inf

    def serve(self) -> None:
        """Tick until told to go, idle for long, or left without a data folder."""
        while not self.must_go and self.home.database.exists():
            try:
                self.tick()
            except (StoreError, OSError) as error:  # locked for long, or something is full: it may pass
                self.complain(str(error))
            if time.monotonic() - self.last_busy > self.idle_limit:
                return
            time.sleep(TICK)
        self.dismiss_workers()

    def tick(self) -> None:
        """Notice who has ended, requeue what has nobody, start what may start."""
        self.reap()
        with reading(self.home.database) as database:
            training, to_reset = queue.training_runs(database), queue.standing_resets(database)
            waiting = database.execute("SELECT count(*) FROM runs WHERE state = 'queued'").fetchone()[0]
        self.kill_stalled([*training, *self.held_up])
        for run_id in [*training, *to_reset]:
            self.repair(run_id)
        if training or waiting:
            self.last_busy = time.monotonic()
        self.held_up = set()
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
                self.deaths.setdefault(self.workers.pop(pid), how_it_ended(status))

    def kill_stalled(self, run_ids: list[str]) -> None:
        """End the workers that have not made a step for long: their runs get another try."""
        for run_id in self.watchdog.look(run_ids):
            pid = self.watchdog.process_of(run_id, self.workers)
            if pid:
                self.deaths[run_id] = f"made no step for {self.watchdog.stall_limit:.0f} s and was ended"
                self.launcher.kill(pid)

    def repair(self, run_id: str) -> None:
        """A run in training whose lock is free has lost its worker; a reset that stands is finished."""
        self.home.run_dir(run_id).mkdir(exist_ok=True)
        lock = try_lock(self.home.run_lock(run_id))
        if lock is None:
            return
        try:
            self.requeue(run_id)
        finally:
            os.close(lock)

    def requeue(self, run_id: str) -> None:
        """A run that nobody is at gets another try, unless it is to begin again."""
        from runs.resume import last_facts  # needs torch, which is loaded by now
        from runs.wipe import finish_reset

        saved = last_facts(self.home.run_dir(run_id)).get("step", -1)
        with writing(self.home.database) as database:
            if not finish_reset(database, self.home, run_id):
                lost_its_worker(database, run_id, self.deaths.get(run_id, UNKNOWN), saved)
        self.deaths.pop(run_id, None)  # written down: it cannot be lost on a full disk any more

    def start_next(self) -> bool:
        """Give one waiting run to a worker; False if there is none or no slot is free."""
        with writing(self.home.database) as database:
            run_id = queue.claim(database, self.slots, self.held_up)
        if run_id is None:
            return False
        handle = None
        try:
            handle = self.launcher.start(self.home.run_dir(run_id))
        finally:
            if handle is None:  # its last worker has not quite left, or the system has no room for another
                self.held_up.add(run_id)
                with writing(self.home.database) as database:
                    queue.give_back(database, run_id)
        if handle is not None:
            self.deaths.pop(run_id, None)
            self.watchdog.forget(run_id)
            self.workers[handle] = run_id
        return True

    def complain(self, complaint: str) -> None:
        """Write a sentence into the log once, not ten times a second: the disk may be full enough."""
        if complaint != self.complaint:
            self.complaint = complaint
            with suppress(OSError):
                sys.stderr.write(f"{complaint}\n")
                sys.stderr.flush()

    def on_terminate(self, *_: object) -> None:
        """The machine stops."""
        self.must_go = True

    def dismiss_workers(self) -> None:
        """Ask the workers to save and go, and wait for them for a while."""
        for pid in self.everybody():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + LAST_WORDS
        while self.everybody() and time.monotonic() < deadline:
            self.reap()
            time.sleep(0.02)

    def everybody(self) -> set[int]:
        """All workers, also those that a dispatcher before this one has started."""
        found = set(self.workers)
        with suppress(StoreError), reading(self.home.database) as database:
            for run_id in queue.training_runs(database):
                found.add(self.watchdog.process_of(run_id, self.workers))
        return found - {None}


def main() -> None:
    """Take the dispatcher's place, unless somebody has it, and serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", default=None, help="the data folder")
    home = open_home(parser.parse_args().home)
    lock = try_lock(home.dispatcher_lock, patience=0.2)
    if lock is None:
        return
    try:
        prepare_database(home.database)
        dispatcher = appointed(home, lock)
    except StoreError as error:  # of the store, or the setting for other machines: a sentence for the log
        sys.exit(str(error))
    signal.signal(signal.SIGTERM, dispatcher.on_terminate)
    dispatcher.serve()


def appointed(home: Home, lock: int) -> Dispatcher:
    """The dispatcher for the machines that are to train; its imports load torch."""
    from runs import elsewhere, far_dispatcher, launcher

    slots, idle_limit = settings().slots, settings().dispatcher_idle
    far = elsewhere.far_launcher(home)
    if far:
        return far_dispatcher.FarDispatcher(home, far, slots, idle_limit)
    far_dispatcher.call_home(home)
    launcher.load_everything()
    return Dispatcher(home, launcher.LocalLauncher(not_for_workers=(lock,)), slots, idle_limit)


if __name__ == "__main__":
    main()
