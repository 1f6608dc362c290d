"""A recipe that trains in a second, and how to wait for it."""

import os
import signal
import time
from dataclasses import replace

from core.config import GPTConfig
from core.training import TrainConfig
from runs import Recipe
from runs.summon import summoned

ENDED = ("done", "stopped", "diverged", "failed")
PATIENCE = 90  # seconds; nothing should take a tenth of it
TEXT = "the quick brown fox jumps over the lazy dog. " * 30
RECIPE = Recipe(
    text=TEXT,
    model=GPTConfig(context_length=16, emb_dim=16, n_heads=2, n_layers=2, drop_rate=0.1),
    train=TrainConfig(learning_rate=3e-3, steps=200, warmup_steps=10, schedule="cosine", clip_norm=1.0),
    batch_size=4,
    eval_every=100,
)


def weights_of(training):
    return {name: tensor.detach().clone() for name, tensor in training.model.state_dict().items()}


def with_train(recipe, **changes):
    return replace(recipe, train=replace(recipe.train, **changes))


def dispatcher_pid(store):
    return summoned[store.home.folder].pid


def end_dispatcher(store, how=signal.SIGTERM):
    process = summoned.get(store.home.folder)
    if process and process.poll() is None:
        os.kill(process.pid, how)
        process.wait(PATIENCE)


def wait_until(condition, message="it never happened", patience=PATIENCE):
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, message
        time.sleep(0.01)


def wait_for_state(store, run_id, *states):
    wait_until(lambda: store.status(run_id).state in states, f"{store.status(run_id)} never became {states}")
    return store.status(run_id)
