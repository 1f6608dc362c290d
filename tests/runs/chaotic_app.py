"""An app for the chaos test: it opens the store, starts runs, gives orders and polls, until it is killed.

`python -m tests.runs.chaotic_app FOLDER RUNS` is the parent, which forks a new app whenever one has died
(a fork, because loading torch each time would be most of the test). Each line of acknowledged.txt is a run
that `start` has returned: from then on it must never be lost.
"""

import os
import random
import sys
import time
from dataclasses import replace
from pathlib import Path

from runs import QuotaError, open_store
from runs.queue import ACTIVE
from runs.recipe import Recipe
from tests.runs.tiny import RECIPE, with_train

STEPS = 400
AT_A_TIME = 6


def recipe_of(number: int) -> Recipe:
    """Recipes that differ in nothing that changes the training, and yet have different keys."""
    return with_train(replace(RECIPE, eval_every=60 + number), steps=STEPS)


def live(folder: Path, runs: int, seed: int, parent: int) -> None:
    """One app, for as long as it may live, and not longer than its parent."""
    luck = random.Random(seed)
    store = open_store(folder)
    while os.getppid() == parent:
        known = all_runs(store, runs)
        active = [run for run in known if run.state in (*ACTIVE, "paused")]
        if len(active) < AT_A_TIME and len(known) < runs:
            start_next(store, folder, len(known))
        for run in active:
            if run.state == "paused" or luck.random() < 0.02:
                store.command(run.run_id, "play" if run.state == "paused" else luck.choice(("pause", "step")))
        time.sleep(0.03)


def start_next(store, folder: Path, number: int) -> None:
    """Start a run, and write it down when the store has said that it is there."""
    try:
        run_id = store.start(recipe_of(number), f"person {number}", click="once")
    except QuotaError:
        return
    with (folder / "acknowledged.txt").open("a") as file:
        file.write(f"{run_id}\n")


def all_runs(store, runs: int) -> list:
    """Every run of the test, in order."""
    return [run for number in range(runs) for run in store.runs(f"person {number}")]


def main() -> None:
    """Fork an app, wait for its death, fork the next."""
    folder, runs, seed = Path(sys.argv[1]), int(sys.argv[2]), 0
    parent = os.getpid()
    while True:
        seed += 1
        pid = os.fork()
        if pid == 0:
            try:
                (folder / "app.pid").write_text(str(os.getpid()))
                live(folder, runs, seed, parent)
            finally:
                os._exit(1)
        os.waitpid(pid, 0)
        time.sleep(0.2)


if __name__ == "__main__":
    main()
