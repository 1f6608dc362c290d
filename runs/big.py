"""One big run in several processes: `torchrun --nproc-per-node 2 -m runs.big --recipe FILE`.

FILE is a recipe.json, such as every run has in what people take home. Process 0 is the run's worker, with
events, checkpoints and orders as always; the others only make steps. The same command again goes on with it.
"""

import argparse
import os
import signal
import sys
from pathlib import Path

import torch
from torch import distributed as processes

from runs import admission, queue, worker
from runs.database import prepare_database, writing
from runs.errors import StoreError
from runs.home import Home, home_of, open_home
from runs.journal import Journal
from runs.lock import sign, try_lock
from runs.prepare import check_recipe, prepared
from runs.process import settle_down
from runs.recipe import Recipe
from runs.resume import load_training, restore_threads
from runs.together import LOST, LostProcessError, SharedTraining
from runs.training import Training

STOPPED = "the processes of this run were stopped: start it again, and it goes on from its last checkpoint"
OWNER = "torchrun"  # whose run it is, unless the command line names a person


class BigJournal(Journal):
    """A run that its processes leave rests: no single worker is to go on with it by itself."""

    def give_back(self) -> None:
        self.end("paused", STOPPED)


class FirstWorker(worker.Worker):
    """The worker in process 0."""

    training: SharedTraining | None = None

    def run(self) -> None:
        """Train with the others, and let them go whatever happens."""
        try:
            super().run()
        finally:
            if self.training and not isinstance(sys.exception(), LostProcessError):
                self.training.dismiss()

    def take_up(self, recipe: Recipe) -> SharedTraining:
        """The training as it was left, shared with the others."""
        torch.set_num_threads(threads())
        self.training = SharedTraining.of(super().take_up(recipe))
        return self.training


def lead(run_dir: Path) -> int:
    """Be process 0; returns its exit code."""
    journal = BigJournal(run_dir)
    try:
        return worker.work(run_dir, journal, FirstWorker)
    except LostProcessError:
        journal.end("paused", LOST)
        return 1


def follow(run_dir: Path, recipe: Recipe) -> int:
    """Be one of the other processes: make the steps that process 0 makes."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # process 0 hears it, too, and says when to go
    settle_down(threads())
    restore_threads(run_dir)
    ready = prepared(recipe, home=home_of(run_dir))
    training = SharedTraining.of(load_training(ready, run_dir) or Training.begin(ready))
    for _ in training.events():
        pass
    return 0


def threads() -> int:
    """Of torch, in each process; torchrun sets one unless it is told otherwise."""
    return int(os.environ.get("OMP_NUM_THREADS", "1"))


def read_recipe(path: Path) -> Recipe:
    """The recipe in a file. ValueError if there is none."""
    try:
        return Recipe.from_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"there is no recipe in {str(path)!r} ({error}): give a recipe.json") from error


def take_run(home: Home, recipe: Recipe, owner: str) -> str:
    """The run of this recipe, new or to go on with, locked until this process ends. StoreError."""
    check_recipe(recipe, home if recipe.tuning else None)
    with writing(home.database) as database:
        run_id = admission.admit(database, recipe, owner, None)
        state = database.execute("SELECT state FROM runs WHERE id = ?", (run_id,)).fetchone()["state"]
        if state in queue.ENDED:
            raise StoreError(f"this recipe has been trained already: ?run={run_id}")
        home.run_dir(run_id).mkdir(parents=True, exist_ok=True)
        lock = try_lock(home.run_lock(run_id), patience=1.0)
        if lock is None:
            raise StoreError(f"this recipe is just being trained: ?run={run_id}")
        database.execute("UPDATE runs SET state = 'starting', shared = 1 WHERE id = ?", (run_id,))
    sign(lock)
    return run_id


def share_out(found: list[str] | None) -> list[str]:
    """What process 0 has found, in every process."""
    shared = found or ["", ""]
    processes.broadcast_object_list(shared, src=0)
    return shared


def begin(folder: str | None, path: Path, owner: str) -> list[str]:
    """In process 0: the run's folder and its recipe; or a sentence, and nothing, if it cannot be trained."""
    try:
        home = open_home(folder)
        prepare_database(home.database)
        run_id = take_run(home, read_recipe(path), owner)
    except (StoreError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return ["", ""]
    sys.stdout.write(f"training with {processes.get_world_size()} processes: ?run={run_id}\n")
    sys.stdout.flush()
    recipe = BigJournal(home.run_dir(run_id)).recipe()  # with the learning rates that were changed on the way
    return [str(home.run_dir(run_id)), recipe.to_json()]


def main() -> int:
    """Be one process of the run; returns its exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recipe", type=Path, required=True, help="a recipe.json")
    parser.add_argument("--home", default=None, help="the data folder, seen by all processes")
    parser.add_argument("--owner", default=OWNER, help="who may pause it; everybody sees it")
    wanted = parser.parse_args()
    processes.init_process_group("gloo")
    first = processes.get_rank() == 0
    run_dir, recipe = share_out(begin(wanted.home, wanted.recipe, wanted.owner) if first else None)
    code = 1
    if run_dir:
        code = lead(Path(run_dir)) if first else follow(Path(run_dir), Recipe.from_json(recipe))
    processes.destroy_process_group()
    return code


if __name__ == "__main__":
    sys.exit(main())
