"""Workers that hang, and runs that take too long at a stretch: seen by their steps and a clock alone."""

import time

from runs import orders, queue
from runs.database import reading, writing
from runs.home import Home
from runs.lock import holder
from runs.settings import settings

STALLED = 600.0  # seconds without one step after which a worker hangs
TOO_LONG = "this run was trained for as long at a stretch as is fair to others: it goes on when you say so"


class Watchdog:
    """Knows of each run in training how far it is, since when, and who is at it.

    Workers that a dispatcher before this one has started are known by the process id in their lock file.
    """

    def __init__(self, home: Home, stall_limit: float, longest: float | None = None) -> None:
        self.home = home
        self.stall_limit = stall_limit
        self.longest = longest or settings().run_seconds  # of training at a stretch
        self.progress: dict[str, tuple[int, float]] = {}  # run -> its step, and since when
        self.since: dict[str, float] = {}  # run -> when it was first seen in training

    def look(self, run_ids: list[str]) -> list[str]:
        """The runs whose workers hang; those that have been trained for too long are told to rest."""
        now = time.monotonic()
        with reading(self.home.database) as database:
            steps = queue.steps_of(database, run_ids)
        self.since = {run: self.since.get(run, now) for run in run_ids}
        self.progress = {run: self.progress.get(run, (step, now)) for run, step in steps.items()}
        for run_id, step in steps.items():
            if self.progress[run_id][0] != step:
                self.progress[run_id] = (step, now)
            if now - self.since[run_id] > self.longest:
                self.tell_to_rest(run_id)
        return [run for run, (_, since) in self.progress.items() if now - since > self.stall_limit]

    def tell_to_rest(self, run_id: str) -> None:
        """Pause a run, and say why; whoever wants it to go on lets it wait for its turn again."""
        with writing(self.home.database) as database:
            orders.give(database, run_id, "pause")
            database.execute("UPDATE runs SET reason = ? WHERE id = ?", (TOO_LONG, run_id))
        self.since[run_id] = time.monotonic()

    def forget(self, run_id: str) -> None:
        """The run has a new worker, which has all the time that there is."""
        self.progress.pop(run_id, None)
        self.since.pop(run_id, None)

    def process_of(self, run_id: str, workers: dict[int, str]) -> int | None:
        """The process that is at a run, whoever has started it."""
        own = [pid for pid, run in workers.items() if run == run_id]
        return own[0] if own else holder(self.home.run_lock(run_id))
