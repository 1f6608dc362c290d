"""How fast this server trains, measured once."""

from runs.speed import training_speed
from views.cache.shared import shared


@shared(max_entries=1, spinner="Measuring this server …")
def measured_speed() -> float:
    """Additions and multiplications a second in training, on one core; measured when it was first asked."""
    return training_speed()
