"""Back to step 0: what a reset takes away, in an order in which a crash does no harm.

Files go first. Until the rows follow, the order to reset stands, and whoever comes next finishes it.
"""

import os
import sqlite3
from pathlib import Path

from runs.database import writing
from runs.errors import StoreError
from runs.home import Home
from runs.lock import try_lock
from runs.recipe import Recipe
from runs.resume import drop_training

PATIENCE = 5.0  # seconds for a worker that is just leaving


def reset_resting(home: Home, run_id: str) -> None:
    """Take a run that no worker is at back to step 0."""
    home.run_dir(run_id).mkdir(exist_ok=True)
    lock = try_lock(home.run_lock(run_id), patience=PATIENCE)
    if lock is None:
        raise StoreError("the run is just being trained: pause it first, then reset it")
    try:
        wipe_files(home.run_dir(run_id))
        with writing(home.database) as database:
            wipe_rows(database, run_id)
    finally:
        os.close(lock)


def wipe_files(run_dir: Path) -> None:
    """Remove all checkpoints. The tokenizer stays: it is made of the text alone."""
    drop_training(run_dir)
    for path in run_dir.glob("rail/*"):
        path.unlink(missing_ok=True)


def wipe_rows(database: sqlite3.Connection, run_id: str) -> None:
    """Remove all events, and learning rates that were changed on the way; the run rests at step 0."""
    for table in ("train_events", "eval_events", "step_reports"):
        database.execute(f"DELETE FROM {table} WHERE run_id = ?", (run_id,))
    row = database.execute("SELECT recipe FROM runs WHERE id = ?", (run_id,)).fetchone()
    recipe = Recipe.from_json(row["recipe"]).as_begun()
    database.execute(
        """UPDATE runs SET state = 'paused', step = 0, wanted = NULL, new_rate = NULL, reason = '',
               deaths = 0, pruned = 0, life = life + 1, recipe = ?, key = ? WHERE id = ?""",
        (recipe.to_json(), recipe.key(), run_id),
    )
