"""Admission: two pages are drawn at a time, and the next in line waits, so that all are done sooner.

Python computes for one thread at a time. Of forty scripts that run at once none gets ahead, and each of the
hundred messages that a page sends asks all of them for Python anew: once they took turns, 19 of 20 answers to
sixty people on two cores came within a quarter of the time (`bench/class_of.py`). Two rather than one, as
products of matrices need no Python.

Nobody waits for another's slow request. Who waits (for a lock, a child process, a network) lends the turn to
the next one: `core.waiting`. Long computations take turns among themselves: `long_work`. And a turn that was
held for longer than LEASE, for whatever reason, counts no more.
"""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from dataclasses import dataclass, field
from threading import Event, Lock
from time import monotonic

import streamlit as st

from core.waiting import LEND

AT_ONCE = 2
LEASE = 1.0  # seconds; a page takes 0.1 to 0.3


@dataclass(eq=False)
class Turn:
    """One script's right to compute."""

    called: Event = field(default_factory=Event)
    since: float = 0.0  # when it was called, by the clock
    before: Token | None = None  # what LEND was


class Turns:
    """A context for so many at once; the others enter in the order in which they came."""

    def __init__(
        self, at_once: int = AT_ONCE, lease: float = LEASE, clock: Callable[[], float] = monotonic
    ) -> None:
        self.at_once, self.lease, self.clock = at_once, lease, clock
        self.inside: list[Turn] = []  # the turns that count, the oldest first
        self.line: deque[Turn] = deque()
        self.guard = Lock()
        self.mine: ContextVar[Turn | None] = ContextVar("mine", default=None)

    def __enter__(self) -> None:
        turn = Turn()
        self.mine.set(turn)
        self.wait_for(turn)
        turn.before = LEND.set(self.lent)

    def __exit__(self, *raised: object) -> None:
        turn = self.mine.get()
        self.mine.set(None)
        LEND.reset(turn.before)
        self.leave(turn)

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Let the next one in, and take the turn again afterwards, before those who have not begun yet.

        A script that ends here, since the person has left or moved a control, takes none: it is done.
        """
        turn = self.mine.get()
        if turn is None:  # this thread has no turn, or has lent it already
            yield
            return
        self.mine.set(None)
        self.leave(turn)
        goes_on = True
        try:
            yield
        except BaseException as reason:  # Streamlit's orders to stop or to run again are no Exceptions
            goes_on = isinstance(reason, Exception)
            raise
        finally:
            if goes_on:
                self.wait_for(turn, first=True)
            self.mine.set(turn)

    def wait_for(self, turn: Turn, first: bool = False) -> None:
        """Stand in line until this turn comes; `first` is for one that has begun already."""
        turn.called.clear()
        with self.guard:
            (self.line.appendleft if first else self.line.append)(turn)
            self.call()
        while not turn.called.wait(self.seconds_left()):
            with self.guard:
                self.call()

    def leave(self, turn: Turn) -> None:
        """This turn is over, if it counts still."""
        with self.guard:
            if turn in self.inside:
                self.inside.remove(turn)
            self.call()

    def call(self) -> None:
        """Call as many from the line as there is room for; a turn that has lasted too long takes none."""
        while self.inside and self.inside[0].since + self.lease <= self.clock():
            self.inside.pop(0)
        while self.line and len(self.inside) < self.at_once:
            turn = self.line.popleft()
            turn.since = self.clock()
            self.inside.append(turn)
            turn.called.set()

    def seconds_left(self) -> float:
        """How long the oldest turn may last at most."""
        with self.guard:
            return max(0.0, self.inside[0].since + self.lease - self.clock()) if self.inside else 0.0


TURNS = Turns()
LONG = Turns(at_once=1)  # beside the pages that are drawn: on two cores one of them stays free


@contextmanager
def long_work() -> Iterator[None]:
    """A context for a computation of seconds: others' pages are drawn meanwhile, other long ones wait."""
    if LONG.mine.get():  # part of a larger one
        yield
        return
    with TURNS.lent(), LONG:
        yield


@contextmanager
def busy(words: str) -> Iterator[None]:
    """Long work, with a sign on the page that says so."""
    with st.spinner(words), long_work():
        yield
