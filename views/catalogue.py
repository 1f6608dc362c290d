"""Which models a person can look into: the one that ships, the same untrained, and the runs."""

from dataclasses import dataclass, replace
from functools import lru_cache

from core.gpt import GPTModel, build_model
from core.tokenizer import Tokenizer
from runs import RunStore, StoreError
from runs.prepare import prepared
from runs.shelf import Entry
from views import bundled
from views.bundled import BUNDLED

UNTRAINED = "untrained"
MOST_RUNS = 20  # in the picker


@dataclass(frozen=True)
class ModelChoice:
    """One line of the model picker."""

    key: str  # what stands in the URL
    label: str  # an honest name
    steps: tuple[int, ...] = ()  # its checkpoints; none for a model that comes as one file
    life: int = 0  # how often the run was reset to step 0
    rounded: tuple[int, ...] = ()  # the checkpoints among them that are kept in 8 bits a weight


def run_choice(store: RunStore, entry: Entry) -> ModelChoice:
    """A run of a person's list as a model to look into."""
    label = entry.name or run_label(store, entry.run_id, entry.mine)
    if entry.pruned:
        label += ", checkpoints removed"
    return ModelChoice(entry.run_id, label, life=entry.life)


def linked_choice(store: RunStore, run_id: str) -> ModelChoice | None:
    """A run that is known from its link alone; None if there is none."""
    try:
        return ModelChoice(run_id, run_label(store, run_id, False), life=store.status(run_id).life)
    except StoreError:
        return None


@lru_cache(maxsize=512)
def run_label(store: RunStore, run_id: str, mine: bool = True) -> str:
    """What a person reads in the model picker, as long as the run has no name."""
    recipe = store.recipe(run_id)
    model = recipe.model
    size = f"{model.n_layers} × {model.n_heads} × {model.emb_dim}"
    return f"{'My' if mine else 'Class'} run {run_id[:4]}: {recipe.corpus or 'own text'}, {size}"


def choices(store: RunStore | None, owner: str, wanted: str | None) -> list[ModelChoice]:
    """All models this person can choose; a run whose id is in the URL is one of them, whoever started it."""
    found = [ModelChoice(BUNDLED, "Storyteller (bundled)"), ModelChoice(UNTRAINED, "Storyteller, untrained")]
    if store is None:
        return found
    found += [run_choice(store, entry) for entry in store.shelf(owner).entries()[:MOST_RUNS]]
    if wanted and wanted not in {choice.key for choice in found}:
        linked = linked_choice(store, wanted)
        found += [linked] if linked else []
    return found


def with_steps(store: RunStore | None, choice: ModelChoice) -> ModelChoice:
    """The choice with its checkpoints; a run that has not begun is at step 0."""
    if choice.key == BUNDLED:
        return replace(choice, steps=bundled.steps(), rounded=tuple(bundled.early_files()))
    if store is None or not is_run(choice.key):
        return choice
    return replace(choice, steps=tuple(store.checkpoints(choice.key)) or (0,))


def open_model(store: RunStore | None, key: str, step: int | None) -> tuple[GPTModel, Tokenizer]:
    """The weights and the tokenizer of a choice. ValueError if there is no such model."""
    if key in (BUNDLED, UNTRAINED):
        return bundled.open_step(step if key == BUNDLED else 0), bundled.tokenizer()
    if store is None:
        raise ValueError("runs cannot be read on this server")
    if not store.checkpoints(key):  # it waits in the queue: the same weights that it will start from
        ready = prepared(store.recipe(key))
        return build_model(ready.model, ready.recipe.seed), ready.tokenizer
    return store.model(key, step), store.tokenizer(key)


def is_run(key: str) -> bool:
    """Whether a model of the picker is a run."""
    return key not in (BUNDLED, UNTRAINED)
