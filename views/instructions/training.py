"""What a run's evaluations say of how it learned to follow, and of what it forgot."""

import math

from runs import EvalEvent
from views import cache
from views.text import percent


def numbers(run_id: str) -> dict[str, object] | None:
    """What the lesson's sentences are filled with; None before anything has changed."""
    status = cache.status_of(run_id)
    events = cache.events_of(run_id, status.state, status.step)
    found = [event for event in events if isinstance(event, EvalEvent) and "exact" in event.scores]
    if len(found) < 2:
        return None
    first, last = found[0], found[-1]
    return {
        "step": last.step,
        "first_exact": percent(first.scores["exact"]),
        "exact": percent(last.scores["exact"]),
        "first_stopped": percent(first.scores["stopped"]),
        "stopped": percent(last.scores["stopped"]),
        "first_old": first.scores["old_loss"],
        "old": last.scores["old_loss"],
        "first_loss": first.val_loss,
        "loss": last.val_loss,
        "guessing": math.log(cache.run_vocabulary(run_id)),
    }
