"""Two runs at once: our two workers with a thread each, beside two with as many as PyTorch takes."""

import multiprocessing
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import torch

from bench.jobs import models
from bench.jobs.training import glassbox

Work = Callable[[], object]
STEPS = 4
BATCH, LENGTH = 16, 128


def one_of_two(
    threads: int | None, orders: multiprocessing.SimpleQueue, done: multiprocessing.SimpleQueue
) -> None:
    """A process that trains STEPS steps at each order."""
    if threads:
        torch.set_num_threads(threads)
    config = replace(models.STORYTELLER, context_length=LENGTH)
    ids = models.some_ids(config, BATCH, LENGTH + 1)
    work = glassbox(config, (ids[:, :-1].contiguous(), ids[:, 1:].contiguous()), STEPS)
    work()
    done.put(0.0)
    while orders.get():
        start = time.perf_counter()
        work()
        done.put(time.perf_counter() - start)


def two(threads: int | None) -> Work:
    """Start both, and let them train side by side at each turn."""
    spawn = multiprocessing.get_context("spawn")
    orders, done = spawn.SimpleQueue(), spawn.SimpleQueue()
    for _ in range(2):
        spawn.Process(target=one_of_two, args=(threads, orders, done), daemon=True).start()
    for _ in range(2):
        done.get()

    def run() -> None:
        for _ in range(2):
            orders.put(True)
        for _ in range(2):
            done.get()

    return run


READY = {
    "two runs at once 6x6x192, T 128, B 16": lambda: {
        "Glassbox": partial(two, 1),
        "two threads each": partial(two, None),
    }
}
UNITS = {"two runs at once 6x6x192, T 128, B 16": ("tokens/s", 2 * STEPS * BATCH * LENGTH)}
