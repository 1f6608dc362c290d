"""Workers on the machines of a Dask cluster. Optional: `requirements-cluster.txt`."""

import subprocess
import sys
from pathlib import Path

from distributed import Client, Future, fire_and_forget

from runs.deaths import how_it_left
from runs.errors import StoreError
from runs.summon import ROOT

PATIENCE = 10  # seconds for the scheduler to answer


class DaskLauncher:
    """A task for each worker, which is a process of its own beside Dask's, on the same machine.

    So a training neither holds up Dask's threads nor dies of them, and its exit code is the task's result. A
    machine that is lost is known to Dask by its broken connection.
    """

    def __init__(self, scheduler: str) -> None:
        self.scheduler = scheduler
        self.client: Client | None = None
        self.futures: dict[str, Future] = {}

    def start(self, run_dir: Path, attempt: str) -> str:
        """Hand in a task; the handle is its key. StoreError if there is no scheduler."""
        command = [sys.executable, "-m", "runs.far_worker", str(run_dir), attempt]
        key = f"glassbox-{attempt}"
        task = self.connected().submit(subprocess.call, command, cwd=str(ROOT), key=key, pure=False)
        fire_and_forget(task)  # it outlives this dispatcher
        self.futures[key] = task
        return key

    def ended(self, handle: str) -> str | None:
        """How a task ended, in words; None while it waits or works."""
        task = self.task(handle)
        if task.status == "pending":
            return None
        if task.status == "finished":
            return how_it_left(task.result())
        return "was lost with its machine, or with Dask's scheduler"

    def kill(self, handle: str) -> None:
        """Withdraw a task that no machine has taken. One at work hears of it by its orders."""
        self.task(handle).cancel(force=True)

    def task(self, handle: str) -> Future:
        """The task of this key, also one that a dispatcher before this one has handed in."""
        if handle not in self.futures:
            self.futures[handle] = Future(handle, self.connected())
        return self.futures[handle]

    def connected(self) -> Client:
        """The connection to the scheduler, made anew if it is lost. StoreError if nobody answers."""
        if self.client is None or self.client.status not in ("running", "connecting"):
            self.futures.clear()
            try:
                self.client = Client(self.scheduler, timeout=PATIENCE, set_as_default=False)
            except (OSError, ValueError) as error:
                raise StoreError(f"the Dask scheduler {self.scheduler!r} does not answer") from error
        return self.client
