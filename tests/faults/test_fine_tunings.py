"""Rows 24, 25 and 36 for models that learn to sort, or to follow instructions."""

import os
import signal
from dataclasses import replace

import pytest

from core.training import TrainConfig
from runs import EvalEvent
from runs.facts import fingerprint
from runs.lock import holder
from runs.prepare import fine_tuning, prepared
from runs.training import Training
from runs.tuning import Base, Classify, Instruct, Lora
from tests.conftest import slow
from tests.faults.at_work import worker_of
from tests.runs.test_tuning import SMALL, TRAIN
from tests.runs.test_worker import losses_of
from tests.runs.tiny import ENDED, end_dispatcher, wait_for_state

STEPS = 80
KINDS = {
    "classification": Classify(length=16),
    "adapters": Classify(lora=Lora(rank=2), length=16),
    "instructions": Instruct(each=20),
}
LONG = TrainConfig(learning_rate=1e-3, steps=STEPS, clip_norm=1.0)


@pytest.fixture(scope="module")
def base(live) -> Base:
    """A small model that has learned a little."""
    run_id = live.start(replace(SMALL, seed=24, train=TRAIN), "somebody")
    wait_for_state(live, run_id, "done")
    return Base(model=run_id)


def recipe_of(store, tuning, base: Base):
    """A fine-tuning that is slow enough to be caught in the act."""
    return fine_tuning(store.home, replace(tuning, base=base), train=LONG, batch_size=4, eval_every=10)


def begun(store, recipe) -> Training:
    return Training.begin(prepared(recipe, home=store.home))


def assert_as_if_nothing_had_happened(store, run_id: str, recipe) -> None:
    """Losses, weights and scores are those of a training in this process, bit for bit."""
    assert wait_for_state(store, run_id, *ENDED).state == "done"
    whole = begun(store, recipe)
    assert losses_of(store, run_id) == [event.loss for event in whole.events()]
    last = store.facts(run_id)[-1]
    assert (last.step, last.fingerprint) == (STEPS, fingerprint(whole.body().parameters()))
    evaluations = [event for event in store.events(run_id) if isinstance(event, EvalEvent)]
    assert [event.step for event in evaluations] == list(range(0, STEPS + 1, 10))
    assert evaluations[-1].scores == whole.evaluate().scores


@pytest.mark.parametrize("kind", ["instructions", *slow(*KINDS.keys() - {"instructions"})])
def test_24_a_killed_fine_tuning_resumes_bit_for_bit(live, base, kind):
    """Two kills; with the third it would have failed."""
    recipe = recipe_of(live, KINDS[kind], base)
    run_id = live.start(recipe, "ada")
    for step in (3, 40):
        pid = worker_of(live, run_id, at=step)
        if pid:
            os.kill(pid, signal.SIGKILL)
    assert_as_if_nothing_had_happened(live, run_id, recipe)


@pytest.mark.parametrize("kind", ["classification", *slow("instructions")])
def test_25_and_36_a_fine_tuning_survives_the_death_of_everybody(own, kind):
    """Killed with its dispatcher, paused, and played after another start: still the same."""
    first = own.start(replace(SMALL, seed=25, train=TRAIN), "somebody")
    wait_for_state(own, first, "done")
    recipe = recipe_of(own, KINDS[kind], Base(model=first))
    run_id = own.start(recipe, "ada")
    worker_of(own, run_id, at=5)
    end_dispatcher(own, signal.SIGKILL)
    if pid := holder(own.home.run_lock(run_id)):
        os.kill(pid, signal.SIGKILL)
    worker_of(own, run_id, at=20)  # asking for it has started a dispatcher
    own.command(run_id, "pause")
    if wait_for_state(own, run_id, "paused", *ENDED).state == "paused":
        end_dispatcher(own)
        own.command(run_id, "play")
    assert_as_if_nothing_had_happened(own, run_id, recipe)
