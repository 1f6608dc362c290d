"""An order that was given and has not been carried out yet: a click answers at once."""

from dataclasses import dataclass

from runs import Recipe, RunStatus

PATIENCE = 30.0  # seconds after which a sentence about an order is only in the way
SENTENCES = {
    "play": "Going on …",
    "pause": "Pausing …",
    "step": "Taking one step …",
    "stop": "Stopping …",
    "reset": "Going back to step 0 …",
    "set_learning_rate": "Changing the learning rate …",
}


@dataclass(frozen=True)
class Asked:
    """An order, and how the run stood when it was given."""

    what: str
    when: float  # seconds, of any clock
    step: int
    life: int
    value: float | None = None


def has_happened(asked: Asked, status: RunStatus, recipe: Recipe) -> bool:
    """Whether the run has done what was asked of it, or never will."""
    if status.ended and asked.what != "reset":
        return True
    if asked.what == "set_learning_rate":
        return bool(recipe.rate_changes) and recipe.rate_changes[-1][1] == asked.value
    return {
        "play": status.state != "paused",
        "pause": status.state == "paused",
        "step": status.state == "paused" and status.step > asked.step,
        "stop": status.ended,
        "reset": status.life > asked.life,
    }[asked.what]


def pending(asked: object, status: RunStatus, recipe: Recipe, now: float) -> Asked | None:
    """What was asked, as long as people wait for it."""
    if not isinstance(asked, Asked) or now - asked.when > PATIENCE or has_happened(asked, status, recipe):
        return None
    return asked
