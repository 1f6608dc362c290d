"""How a worker ended, in words, and what that means for its run."""

import os
import signal
import sqlite3

from runs import queue
from runs.room import EXIT_FULL, FULL

UNKNOWN = "left no word"


def how_it_ended(status: int) -> str:
    """The end of a child, by the status that `os.waitpid` gives."""
    return how_it_left(os.waitstatus_to_exitcode(status))


def how_it_left(code: int) -> str:
    """The end of a process, by its exit code, as words that go on from "the last one"."""
    if code == -signal.SIGKILL:
        return "was killed, perhaps because the machine ran out of memory"
    if code == EXIT_FULL:
        return FULL
    return f"was ended by signal {-code}" if code < 0 else f"left with exit code {code}"


def lost_its_worker(database: sqlite3.Connection, run_id: str, how: str, saved: int) -> None:
    """A run in training has no worker any more: it gets another try, or rests until the disk has room.

    `saved` is the step of its last checkpoint, -1 without one.
    """
    if run_id not in queue.training_runs(database):
        return  # it has ended just now
    if how == FULL:
        queue.leave(database, run_id, "paused", FULL)
    else:
        queue.count_death(database, run_id, how, saved)
