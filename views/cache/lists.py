"""Lists of runs, and runs side by side: asked of the store once a second, however many people look."""

from runs import Recipe, RunStatus, keeping, pruning
from runs.brought import About
from runs.brought import Entry as OneBrought
from runs.differences import difference
from runs.shelf import Entry
from views.cache.runs import store
from views.cache.shared import shared
from views.course import Course, course_from


@shared(max_entries=256, ttl=1.0)
def status_of(run_id: str) -> RunStatus:
    """How a run stood within the last second: asked once, however many people watch it."""
    return store().status(run_id)


@shared(max_entries=256, ttl=1.0)
def entries_of(owner: str, deleted: bool = False) -> list[Entry]:
    """A person's list of runs, or what they have put away from it."""
    return store().shelf(owner).entries(deleted)


@shared(max_entries=256, ttl=1.0)
def brought_by(owner: str) -> list[OneBrought]:
    """The models that a person brought."""
    return store().brought().entries(owner) if store() else []


@shared(max_entries=512)
def about_model(model_id: str) -> About:
    """What is known of a model that was brought."""
    return store().brought().about(model_id)


@shared(max_entries=256, ttl=300.0)
def in_use(model_id: str) -> bool:
    """Remember, once in a while, that somebody looks into a model that was brought: then it stays."""
    keeping.opened(store().home, model_id)
    return True


def forget_lists() -> None:
    """Read all lists anew: somebody has changed one."""
    entries_of.clear()
    brought_by.clear()


@shared(max_entries=512)
def course_of(run_id: str, state: str, step: int, life: int) -> Course:
    """A run's losses and its newest sample, as it stands at this step."""
    del state, step, life
    return course_from(store().events(run_id))


@shared(max_entries=4096)
def difference_of(run_id: str, key: str, base_id: str = "", base_key: str = "") -> str:
    """What tells one run from another, or from the default; the keys are those of their statuses."""
    del key, base_key
    base = store().recipe(base_id) if base_id else Recipe.preset()
    return difference(store().recipe(run_id), base)


@shared(max_entries=1, ttl=30.0)
def room_taken() -> int:
    """Bytes that all runs together take on the disk."""
    return pruning.size_of(store().home.folder / "runs")
