"""How a run stands: what the app asks most often."""

import sqlite3
from dataclasses import dataclass

from runs import forecast, queue

STATUS = "SELECT id, owner, state, step, steps, reason, created, key, life, parent, pruned FROM runs"


@dataclass(frozen=True, slots=True)
class RunStatus:
    """How a run stands."""

    run_id: str
    owner: str
    state: str  # queued, starting, running, paused, done, stopped, diverged, failed
    step: int  # updates done
    steps: int  # updates of the whole run
    reason: str  # one sentence, where the state needs one
    created: float  # seconds since 1970
    key: str  # of the recipe
    position: int | None = None  # place in the queue, 1 for the next
    wait: float | None = None  # seconds until its turn, about
    life: int = 0  # how often it was reset
    parent: str | None = None  # the run that it branched off from
    pruned: bool = False  # its checkpoints were removed to make room

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return self.state in queue.ENDED


def status_from(database: sqlite3.Connection, row: sqlite3.Row) -> RunStatus:
    """A row of the runs as a status, with its place in the queue."""
    facts = dict(row) | {"pruned": bool(row["pruned"])}
    if row["state"] == "queued" and (place := queue.position(database, row["id"])):
        facts |= {"position": place, "wait": forecast.expected_wait(database, place)}
    return RunStatus(run_id=facts.pop("id"), **facts)
