"""A worker on another machine: `python -m runs.far_worker FOLDER-OF-THE-RUN ATTEMPT`, or `train` in a job.

All machines see the data folder and this program at the same place. The database stays closed here.
"""

import os
import signal
import sys
import threading
import time
from pathlib import Path

from runs import mailbox, worker
from runs.folder_journal import FolderJournal
from runs.lock import try_lock
from runs.mailbox import SupersededError
from runs.room import EXIT_FULL, disk_is_full

PATIENCE = 30.0  # seconds for a worker before this one, which is just leaving
TAKEN = 75  # exit code: somebody is or was at this run with the same attempt


def train(run_dir: str, attempt: str) -> int:
    """Train the run of this folder until it ends or must rest; returns the exit code of the process."""
    folder = Path(run_dir)
    if mailbox.has_begun(folder, attempt):  # Slurm or Dask start a lost job again: not theirs to decide
        return TAKEN
    lock = lock_where_possible(folder)
    if lock is None:
        return TAKEN
    signal.signal(signal.SIGUSR2, lambda *_: signal.raise_signal(signal.SIGTERM))  # Slurm: time is nearly up
    try:
        return worker.work(folder, FolderJournal(folder, attempt))
    except SupersededError:
        return 0
    except OSError as error:
        if disk_is_full(error):
            return EXIT_FULL
        raise
    finally:
        os.close(lock)


def lock_where_possible(run_dir: Path) -> int | None:
    """Hold the run's lock, unsigned: a process id means nothing on another machine. None if somebody has it.

    Some shared folders have no locks; there the attempt in the orders has to do.
    """
    try:
        return try_lock(run_dir / "lock", PATIENCE)
    except OSError:
        return os.open(os.devnull, os.O_RDONLY)


def leave_with(parent: int) -> None:
    """Save and go when the process that started this one is no more: nobody would know of this worker."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


def main() -> None:
    """Be the worker that the command line names."""
    run_dir, attempt = sys.argv[1:]
    leave_with(os.getppid())
    sys.exit(train(run_dir, attempt))


if __name__ == "__main__":
    main()
