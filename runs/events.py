"""What a run reports beside each step's TrainEvent."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from core.step_report import StepReport
from core.training import TrainEvent
from runs.gaps import from_json


@dataclass(frozen=True, slots=True)
class EvalEvent:
    """How good the model is after `step` updates, on windows that are the same at every evaluation."""

    step: int  # updates done: 0 is the untrained model
    train_loss: float  # nats per token, on text that the model learns from
    val_loss: float  # nats per token, on text that it never sees in training
    sample: str  # the prompt and what the model makes of it
    seconds: float  # time spent on the run so far
    scores: Mapping[str, float] = field(default_factory=dict)  # more, of a fine-tuning, by name


def evaluation(row: Iterable) -> EvalEvent:
    """The evaluation of a row of the database; its scores are kept as JSON."""
    *numbers, scores = event_fields(row)
    return EvalEvent(*numbers, from_json(scores))


def event_fields(row: Iterable) -> list:
    """The fields of an event, without its run; SQLite knows no NaN and keeps NULL instead."""
    return [math.nan if value is None else value for value in tuple(row)[1:]]


Event = TrainEvent | EvalEvent
News = Event | StepReport  # what a worker hands over; a report only for a step that was asked for alone
