"""When a training has gone wrong for good: the loss or the gradient is no number, or has exploded."""

import math

from runs.events import EvalEvent, Event

EXPLODED = 20  # times ln(vocab_size), the loss of pure guessing
ADVICE = "divide the learning rate by 3"


class Diverged(Exception):
    """The numbers have left the range in which anything is learned; the text says when."""


def trouble_in(event: Event, vocab_size: int) -> str:
    """A sentence if the run has diverged: a loss or gradient is no number, or the loss has exploded."""
    if isinstance(event, EvalEvent):
        fine = math.isfinite(event.train_loss) and math.isfinite(event.val_loss)
        return "" if fine else f"after step {event.step} the model's losses are no longer numbers: {ADVICE}"
    if not (math.isfinite(event.loss) and math.isfinite(event.grad_norm)):
        what = "is no longer a number"
    elif event.loss > EXPLODED * max(1.0, math.log(vocab_size)):
        what = "has exploded"
    else:
        return ""
    gradient = f"the gradient's length was {event.grad_norm:.3g}"
    return f"at step {event.step} the loss, {event.loss:.3g}, {what}, and {gradient}: {ADVICE}"
