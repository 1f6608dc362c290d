"""Runs that are caught at work: how to make one slow, find its worker, and take up what is left of it."""

import random
from dataclasses import replace

import torch

from runs import database
from runs.lock import holder
from runs.prepare import prepared
from runs.resume import load_training
from tests.runs.tiny import RECIPE, wait_until, weights_of


def worker_of(store, run_id, at=1):
    """The process id of the worker, as soon as it has made some steps."""
    wait_until(lambda: store.status(run_id).ended or store.status(run_id).step >= at)
    return holder(store.home.run_lock(run_id))


def slowly(recipe, number):
    """The usual training, slow enough to be caught in the act; `number` keeps runs apart."""
    return replace(recipe, eval_every=5 + number)


def deaths_of(store, run_id):
    with database.reading(store.home.database) as rows:
        return rows.execute("SELECT deaths FROM runs WHERE id = ?", (run_id,)).fetchone()[0]


def finish(folder):
    """Losses and weights of what is left after the checkpoint, with all randomness disturbed before."""
    torch.manual_seed(random.randrange(2**32))
    training = load_training(prepared(RECIPE), folder)
    return [event.loss for event in training.events()], weights_of(training)
