"""What a run reports beside each step's TrainEvent."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.step_report import StepReport
from core.training import TrainEvent


@dataclass(frozen=True, slots=True)
class EvalEvent:
    """How good the model is after `step` updates, on windows that are the same at every evaluation."""

    step: int  # updates done: 0 is the untrained model
    train_loss: float  # nats per token, on text that the model learns from
    val_loss: float  # nats per token, on text that it never sees in training
    sample: str  # the prompt and what the model makes of it
    seconds: float  # time spent on the run so far
    scores: Mapping[str, float] = field(default_factory=dict)  # more, of a fine-tuning, by name


Event = TrainEvent | EvalEvent
News = Event | StepReport  # what a worker hands over; a report only for a step that was asked for alone
