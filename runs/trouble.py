"""When a training has gone wrong for good: the loss or the gradient is no number, or has exploded."""

import math

from runs.events import EvalEvent, Event

EXPLODED = 20  # times ln(choices), the loss of pure guessing among tokens or classes
WILD = 2  # times that: nothing to go back to
ADVICE = "divide the learning rate by 3"


class Diverged(Exception):
    """The numbers have left the range in which anything is learned; the text says when."""


def trouble_in(event: Event, choices: int, grad_norm: float = math.nan) -> str:
    """A sentence if the run has diverged: a loss or gradient is no number, or the loss has exploded.

    An evaluation has no gradient of its own: `grad_norm` is that of the update before it.
    """
    if isinstance(event, EvalEvent):
        fine = math.isfinite(event.train_loss) and math.isfinite(event.val_loss)
        told = f"after step {event.step} the model's losses are no longer numbers"
        return "" if fine else f"{told}, and {gradient_was(grad_norm)}: {ADVICE}"
    if not (math.isfinite(event.loss) and math.isfinite(event.grad_norm)):
        what = "is no longer a number"
    elif event.loss > EXPLODED * max(1.0, math.log(choices)):
        what = "has exploded"
    else:
        return ""
    told = f"at step {event.step} the loss, {event.loss:.3g}, {what}"
    return f"{told}, and {gradient_was(event.grad_norm)}: {ADVICE}"


def gradient_was(grad_norm: float) -> str:
    """The gradient's length, in words."""
    return f"the gradient's length was {grad_norm:.3g}"


def is_wild(loss: float, choices: int) -> bool:
    """Whether a loss is so high that the weights of this moment are no good checkpoint to go back to."""
    return loss > WILD * max(1.0, math.log(choices))
