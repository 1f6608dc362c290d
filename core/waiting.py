"""Waiting lets others go on: code that is about to block says so, and its turn at the processor is lent out.

A server that lets only a few people compute at a time puts the function that lends the turn into LEND. In a
script or a test nobody has, and waiting is just waiting.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from threading import Lock

LEND: ContextVar[Callable[[], AbstractContextManager]] = ContextVar("lend", default=nullcontext)


def waiting() -> AbstractContextManager:
    """A context for the time in which this thread waits for a lock, a child process, a disk or a network."""
    return LEND.get()()


@contextmanager
def held(lock: Lock) -> Iterator[None]:
    """Hold a lock; if another thread has it, wait for it without keeping others from computing."""
    if not lock.acquire(blocking=False):
        with waiting():
            lock.acquire()
    try:
        yield
    finally:
        lock.release()
