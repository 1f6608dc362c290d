"""The course of a run so far: its losses as arrays, and the newest sample of what it writes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from core.training import TrainEvent
from runs import EvalEvent


@dataclass(frozen=True)
class Course:
    """What a list of runs, and curves that lie over each other, are drawn from."""

    steps: np.ndarray  # (N,) of each update
    losses: np.ndarray  # (N,) nats, on that update's batch
    eval_steps: np.ndarray  # (M,)
    train: np.ndarray  # (M,) nats, on fixed windows of the training text
    validation: np.ndarray  # (M,) nats, on text never trained on
    sample: str  # the newest; "" before there is one
    scores: Mapping[str, float] = field(default_factory=dict)  # the newest, of a fine-tuning

    @property
    def last(self) -> tuple[float, float] | None:
        """Training and validation loss when last asked."""
        return (float(self.train[-1]), float(self.validation[-1])) if self.train.size else None

    @property
    def best(self) -> float | None:
        """The lowest validation loss that is a number."""
        numbers = self.validation[np.isfinite(self.validation)]
        return float(numbers.min()) if numbers.size else None


def course_from(events: Sequence[TrainEvent | EvalEvent]) -> Course:
    """A run's events as its course."""
    updates = [event for event in events if isinstance(event, TrainEvent)]
    evaluations = [event for event in events if isinstance(event, EvalEvent)]
    return Course(
        steps=np.array([event.step for event in updates], dtype=int),
        losses=np.array([event.loss for event in updates], dtype=float),
        eval_steps=np.array([event.step for event in evaluations], dtype=int),
        train=np.array([event.train_loss for event in evaluations], dtype=float),
        validation=np.array([event.val_loss for event in evaluations], dtype=float),
        sample=evaluations[-1].sample if evaluations else "",
        scores=evaluations[-1].scores if evaluations else {},
    )
