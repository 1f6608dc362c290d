"""The ledger of a worker on another machine: lines in the run's folder, and orders read from a file there."""

import os
import socket
from dataclasses import asdict
from pathlib import Path

from core.step_report import StepReport
from core.training import TrainEvent
from runs.errors import StoreError
from runs.events import News
from runs.journal import Heard
from runs.mailbox import Orders, SupersededError, append, read_orders, read_progress, read_recipe, report_of
from runs.recipe import Recipe


class FolderJournal:
    """What a worker would do to the database, said line by line; `runs.ingest` does it."""

    def __init__(self, run_dir: Path, attempt: str) -> None:
        self.run_dir = run_dir
        self.attempt = attempt
        self.written = 0  # bytes of the report
        self.orders = Orders(attempt)  # as they were last read
        self.known: Recipe | None = None
        self.rate: float | None = None  # the one ordered, once it is followed

    def recipe(self) -> Recipe:
        self.hear()
        self.say("begun", host=socket.gethostname(), process=os.getpid())
        self.known = read_recipe(self.run_dir)
        return self.known

    def progress(self) -> int:
        return read_progress(self.run_dir)

    def cut_back(self, step: int, sentence: str) -> None:
        self.say("cut_back", step=step, reason=sentence)

    def write(self, news: list[News], step: int) -> Heard:
        self.say("write", step=step, news=[as_line(event) for event in news])
        self.hear()
        return Heard(self.orders.wanted, self.new_rate(step))

    def new_rate(self, step: int) -> Recipe | None:
        """The recipe with the learning rate that is ordered, from the next step on; None if it is in force.

        The line comes first: after a crash the next worker changes the rate at the same step.
        """
        rate, followed = self.orders.rate, self.rate
        self.rate = rate
        if rate is None or rate == followed:
            return None
        self.say("rate", step=step, rate=rate)
        self.known = self.known.with_rate(step, rate)
        return self.known

    def note(self, sentence: str) -> None:
        self.say("note", reason=sentence)

    def end(self, state: str, reason: str = "") -> None:
        self.say_last("end", state=state, reason=reason)

    def rest(self) -> None:
        self.say_last("rest")

    def begin_again(self) -> None:
        self.say_last("begin_again")

    def give_back(self) -> None:
        self.say_last("give_back")

    def say_last(self, what: str, **facts: object) -> None:
        """The last line, which only the worker that the run still belongs to may write."""
        self.hear()
        self.say(what, **facts)

    def say(self, what: str, **facts: object) -> None:
        """One more line. StoreError if it cannot be written, with the cause."""
        try:
            path = report_of(self.run_dir, self.attempt)
            self.written = append(path, {"what": what} | facts, self.written)
        except FileNotFoundError as error:
            raise SupersededError("the report of this worker has been read to its end and removed") from error
        except OSError as error:
            raise StoreError(f"the report of a run cannot be written: {error.strerror}") from error

    def hear(self) -> None:
        """Read the orders; those read before stand if they cannot be read now. SupersededError."""
        self.orders = read_orders(self.run_dir) or self.orders
        if self.orders.attempt != self.attempt:
            raise SupersededError("this run has been given to another worker")


def as_line(event: News) -> dict:
    """An event as plain facts, with its kind."""
    kind = {TrainEvent: "train", StepReport: "report"}.get(type(event), "eval")
    return {"kind": kind} | asdict(event)
