"""Two pages are drawn at a time, and the next in line waits: so all are done sooner.

Python computes for one thread at a time. Of forty scripts that run at once none gets ahead, and each of the
hundred messages that a page sends asks all of them for Python anew: once they took turns, 19 of 20 answers to
sixty people on two cores came within a quarter of the time (`bench/class_of.py`). Two rather than one, as
products of matrices need no Python.
"""

from collections import deque
from threading import Event, Lock

AT_ONCE = 2
PATIENCE = 3.0  # seconds; who has waited that long goes in whoever is inside: some wait for a file or a lock


class Turns:
    """A context for so many at once; the others enter in the order in which they came."""

    def __init__(self, at_once: int = AT_ONCE, patience: float = PATIENCE) -> None:
        self.at_once, self.patience = at_once, patience
        self.inside = 0
        self.line: deque[Event] = deque()
        self.guard = Lock()

    def __enter__(self) -> None:
        with self.guard:
            if self.inside < self.at_once:
                self.inside += 1
                return
            called = Event()
            self.line.append(called)
        if not called.wait(self.patience):
            self.go_in_anyway(called)

    def __exit__(self, *raised: object) -> None:
        with self.guard:
            self.inside -= 1
            while self.line and self.inside < self.at_once:
                self.inside += 1
                self.line.popleft().set()

    def go_in_anyway(self, called: Event) -> None:
        """Leave the line; but perhaps one was called at just this moment, and is counted already."""
        with self.guard:
            if not called.is_set():
                self.line.remove(called)
                self.inside += 1


TURNS = Turns()
