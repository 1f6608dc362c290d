"""The run store, and what runs have reported."""

from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import TypeVar

import torch

from core.config import GPTConfig
from core.gpt import GPTModel
from core.lora import trainable_count
from core.step_report import StepReport
from core.training import TrainEvent
from runs import EvalEvent, Recipe, RunStore, StoreError, open_store
from runs.classifying import classes_of
from runs.database import begin_anew
from runs.facts import CheckpointFacts
from runs.home import open_home
from runs.prepare import prepared
from runs.tuning import Classify
from views.cache.shared import shared
from views.runs_seen import bigram_of

Made = TypeVar("Made")
LOOKED_AT = 2.0  # seconds for which the store that was found there is taken to be there


@shared(max_entries=1)
def made_store() -> RunStore:
    """The run store, once it could be opened. StoreError."""
    return open_store()


@shared(max_entries=1, ttl=LOOKED_AT)
def checked_store() -> tuple[RunStore | None, str]:
    """The run store as it was found in the last seconds, or None and why there is none."""
    try:
        made_store().check()
    except StoreError as error:
        return None, str(error)
    return made_store(), ""


def opened_store() -> tuple[RunStore | None, str]:
    """The run store, or None and the sentence that says why there is none."""
    found, why = checked_store()
    if found and not found.home.database.exists():  # gone since the last look
        checked_store.clear()
        return checked_store()
    return found, why


def begin_new_store() -> None:
    """A new store in the place of one that is lost. StoreError if it cannot be made."""
    begin_anew(open_home().database)
    made_store.clear()
    checked_store.clear()


def store() -> RunStore | None:
    """The run store, if it could be opened: pages without runs work without it."""
    return opened_store()[0]


@shared(max_entries=64)
def recipe_of(run_id: str, key: str) -> Recipe:
    """A run's recipe; `key` is its status's, for a learning rate that is changed on the way changes both."""
    del key
    return store().recipe(run_id)


@shared(max_entries=64, ttl=1.0)
def events_of(run_id: str, state: str, step: int) -> list[TrainEvent | EvalEvent]:
    """What a run has reported by this step: read once a second, however many people watch it."""
    return store().events(run_id)


@shared(max_entries=64, ttl=1.0)
def facts_of(run_id: str, steps: tuple[int, ...]) -> list[CheckpointFacts]:
    """What was measured at a run's checkpoints; `steps` are those that there are by now."""
    return store().facts(run_id)


@shared(max_entries=64, ttl=1.0)
def reports_of(run_id: str, step: int) -> list[StepReport]:
    """The steps that were taken one by one, as the run stands at `step`."""
    return store().reports(run_id)


@shared(max_entries=64)
def run_config(run_id: str) -> GPTConfig:
    """A run's architecture, with the vocabulary of its own tokenizer."""
    return replace(store().recipe(run_id).model, vocab_size=store().tokenizer(run_id).vocab_size)


def run_vocabulary(run_id: str) -> int:
    """How many tokens a run's model chooses between."""
    return run_config(run_id).vocab_size


@shared(max_entries=64)
def choices_of(run_id: str) -> int:
    """What a run chooses among: tokens, or classes. A model that knows nothing has a loss of ln of it."""
    tuning = store().recipe(run_id).tuning
    return len(classes_of(tuning)) if isinstance(tuning, Classify) else run_vocabulary(run_id)


@shared(max_entries=64, is_long=True)
def numbers_learning(run_id: str) -> tuple[int, int]:
    """How many numbers of a fine-tuning's network learn, and how many there are."""
    ready = prepared(store().recipe(run_id), store().tokenizer(run_id), store().home)
    with torch.device("meta"):
        network = ready.task.network(GPTModel(ready.model))
    return trainable_count(network), sum(weights.numel() for weights in network.parameters())


@shared(max_entries=64, is_long=True)
def run_bigram(run_id: str) -> float:
    """What a run's validation text costs a model that only counts pairs, in nats a token."""
    return bigram_of(store().recipe(run_id), store().tokenizer(run_id))


@shared(max_entries=64, ttl=1.0)
def watchers_of(run_id: str) -> frozenset[str]:
    """Who started a run or joined it."""
    return store().watchers(run_id)


@shared(max_entries=64, ttl=1.0)
def way_back(run_id: str, state: str, step: int) -> int | None:
    """The step that a run of this state could go on from with other settings; None if nothing is kept."""
    return store().way_back(run_id)


@shared(max_entries=256)
def once(key: tuple[Hashable, ...], _make: Callable[[], Made]) -> Made:
    """What `_make` gives, made once for everybody who asks with this key; nobody may change it."""
    return _make()
