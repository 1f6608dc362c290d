"""Which checkpoint of a run is looked at, and how its classes are drawn."""

from dataclasses import dataclass

from runs.tuning import Classify
from views import ui
from views.cache import classification as cached
from views.cache.classification import Sorted, Tuned
from views.here import Here


@dataclass(frozen=True)
class Seen:
    """One checkpoint of a run that learns to sort texts, with the first and the last one."""

    now: Tuned
    first: Tuned
    last: Tuned
    learned: Classify
    name: str  # the honest label of the model

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes."""
        return cached.parts(self.now.run_id).classes

    @property
    def inks(self) -> list[str]:
        """A colour for each class."""
        inks = ui.palette().categories
        return [inks[k % len(inks)] for k in range(len(self.classes))]

    def sorted_texts(self, part: str) -> Sorted:
        """How this checkpoint sorts the texts of a part, "watch" or "judge"."""
        return cached.sorted_texts(self.now, part)


def seen_from(here: Here, learned: Classify) -> Seen:
    """The checkpoint that is chosen in the sidebar."""
    life, steps = here.choice.life, here.choice.steps
    now, first, last = (Tuned(here.choice.key, step, life) for step in (here.step, steps[0], steps[-1]))
    return Seen(now, first, last, learned, here.model_name)
