"""Which models a person can look into: the one that ships, the same untrained, brought ones, and runs."""

from dataclasses import dataclass, replace
from functools import lru_cache

from core.gpt import GPTModel
from core.tokenizer import Tokenizer
from runs import RunStore, StoreError, storyteller
from runs.budget import refuse_above
from runs.prepare import prepared
from runs.settings import settings
from runs.shelf import Entry
from runs.storyteller import BUNDLED
from runs.tuning import in_words

UNTRAINED = "untrained"
MOST_RUNS = 20  # in the picker
KINDS = {  # as core.foreign tells them, in a label
    "glassbox": "Glassbox",
    "int8": "Glassbox, 8 bits",
    "book": "the book's",
    "nanogpt": "nanoGPT",
    "mingpt": "minGPT of 2020",
    "gpt2": "GPT-2",
}


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
    learned = in_words(recipe.tuning) if recipe.tuning else f"{recipe.corpus or 'own text'}, {size}"
    return f"{'My run' if mine else 'Run'} {run_id[:4]}: {learned}"  # the class's, or known by its link alone


@lru_cache(maxsize=512)
def kind_and_size(store: RunStore, model_id: str) -> str:
    """Whose format a brought model came in, and its layers, heads and width."""
    about = store.brought().about(model_id)
    sizes = f"{about.config.n_layers} × {about.config.n_heads} × {about.config.emb_dim}"
    return f"{KINDS[about.kind]}, {sizes}"


def brought_choices(store: RunStore, owner: str, wanted: str | None) -> list[ModelChoice]:
    """The models that this person brought, and one that they have a link to."""
    names = {entry.model_id: entry.name for entry in store.brought().entries(owner)}
    if wanted and wanted not in names and store.brought().has(wanted):
        names[wanted] = "A model that was brought"
    return [ModelChoice(key, f"{name}: {kind_and_size(store, key)}") for key, name in names.items()]


def choices(store: RunStore | None, owner: str, wanted: str | None) -> list[ModelChoice]:
    """All models this person can choose; a run whose id is in the URL is one of them, whoever started it."""
    found = [ModelChoice(BUNDLED, "Storyteller (bundled)"), ModelChoice(UNTRAINED, "Storyteller, untrained")]
    if store is None:
        return found
    found += brought_choices(store, owner, wanted)
    found += [run_choice(store, entry) for entry in store.shelf(owner).entries()[:MOST_RUNS]]
    if wanted and wanted not in {choice.key for choice in found}:
        linked = linked_choice(store, wanted)
        found += [linked] if linked else []
    return found


def with_steps(store: RunStore | None, choice: ModelChoice) -> ModelChoice:
    """The choice with its checkpoints; a run that has not begun is at step 0."""
    if choice.key == BUNDLED:
        return replace(choice, steps=storyteller.steps(), rounded=tuple(storyteller.early_files()))
    if store is None or not is_run(store, choice.key):
        return choice
    return replace(choice, steps=tuple(store.checkpoints(choice.key)) or (0,))


def open_model(store: RunStore | None, key: str, step: int | None) -> tuple[GPTModel, Tokenizer]:
    """The weights and the tokenizer of a choice. ValueError if there is no such model."""
    if key in (BUNDLED, UNTRAINED):
        return storyteller.open_step(step if key == BUNDLED else 0), storyteller.tokenizer()
    if store is None:
        raise ValueError("runs cannot be read on this server")
    if is_brought(store, key):
        size = expected_bytes(store, key)
        refuse_above(settings().model_bytes, size, f"a file of {size:,} bytes")
        return store.brought().model(key), store.brought().tokenizer(key)
    if not store.checkpoints(key):  # it waits in the queue: the same weights that it will start from
        ready = prepared(store.recipe(key), home=store.home)
        return ready.task.body(ready.task.begin()), ready.tokenizer
    return store.model(key, step), store.tokenizer(key)


def expected_bytes(store: RunStore | None, key: str) -> int:
    """What a model will take in memory, where that can be much; 0 for the small ones of this server."""
    return store.brought().bytes(key) if is_brought(store, key) else 0


def is_brought(store: RunStore | None, key: str) -> bool:
    """Whether a model was brought from elsewhere."""
    return store is not None and store.brought().has(key)


def is_run(store: RunStore | None, key: str) -> bool:
    """Whether a model of the picker is a run."""
    return key not in (BUNDLED, UNTRAINED) and not is_brought(store, key)
