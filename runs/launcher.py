"""How a worker is started and killed on this machine; `runs.far_dispatcher` has the plug for others."""

import os
import signal
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from runs import worker
from runs.lock import sign, try_lock
from runs.room import EXIT_FULL, disk_is_full


class Launcher(Protocol):
    """Starts workers somewhere."""

    def start(self, run_dir: Path) -> object | None:
        """Start a worker for a run; None if one is still at it."""

    def kill(self, handle: object) -> None:
        """End a worker at once."""


class LocalLauncher:
    """Workers are forks of this process: torch is loaded already, and its memory is shared."""

    def __init__(self, not_for_workers: tuple[int, ...] = ()) -> None:
        self.not_for_workers = not_for_workers  # file descriptors, such as the dispatcher's own lock

    def start(self, run_dir: Path) -> int | None:
        """Fork a worker; the handle is its process id. The lock is taken before the fork."""
        run_dir.mkdir(parents=True, exist_ok=True)
        lock = try_lock(run_dir / "lock")
        if lock is None:
            return None
        try:
            flush()
            pid = os.fork()
            if pid == 0:
                self.become_worker(run_dir, lock)
            return pid
        finally:
            os.close(lock)  # the child keeps its copy, and with it the lock

    def become_worker(self, run_dir: Path, lock: int) -> None:
        """Train in the child, and leave without the parent's clean-up: nothing leads back into its code."""
        code = 1
        try:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)  # the parent's answer is not ours
            for descriptor in self.not_for_workers:
                os.close(descriptor)
            sign(lock)
            code = worker.work(run_dir)
        except BaseException as error:
            code = EXIT_FULL if disk_is_full(error) else 1
            traceback.print_exc()
        finally:
            try:
                flush()
            finally:
                os._exit(code)

    def kill(self, handle: int) -> None:
        """End a worker at once; its run is noticed as dead at the next tick."""
        os.kill(handle, signal.SIGKILL)


def flush() -> None:
    """Write out what was printed; a log on a full disk is not worth dying for."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()


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
