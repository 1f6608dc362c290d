"""Back to step 0: what a reset takes away, in an order in which a crash does no harm.

Files go first. Until the rows follow, the order to reset stands, and whoever comes next finishes it.
"""

import os
import sqlite3
from pathlib import Path

from runs import own_texts, queue
from runs.database import writing
from runs.errors import StoreError
from runs.home import Home
from runs.lock import try_lock
from runs.resume import drop_training
from runs.room import drop_unfinished

PATIENCE = 5.0  # seconds for a worker that is just leaving


def reset_resting(home: Home, run_id: str) -> None:
    """Take a run that no worker is at back to step 0. If one is just leaving, the dispatcher will do it."""
    try:
        home.run_dir(run_id).mkdir(exist_ok=True)
        lock = try_lock(home.run_lock(run_id), patience=PATIENCE)
    except OSError as error:
        raise StoreError(f"the run cannot be reset: {error.strerror}") from error
    if lock is not None:
        try:
            with writing(home.database) as database:
                finish_reset(database, home, run_id)
        finally:
            os.close(lock)


def finish_reset(database: sqlite3.Connection, home: Home, run_id: str) -> bool:
    """Carry out an order to reset that stands, holding the run's lock; False if there is none."""
    if queue.wanted(database, run_id) != "reset":
        return False
    wipe_files(home.run_dir(run_id))
    wipe_rows(database, run_id)
    return True


def wipe_files(run_dir: Path) -> None:
    """Remove all checkpoints. The tokenizer stays: it is made of the text alone."""
    drop_unfinished(run_dir)
    drop_training(run_dir)
    for path in run_dir.glob("rail/*"):
        path.unlink(missing_ok=True)


def wipe_rows(database: sqlite3.Connection, run_id: str) -> None:
    """Remove all events, and learning rates that were changed on the way; the run rests at step 0."""
    for table in ("train_events", "eval_events", "step_reports"):
        database.execute(f"DELETE FROM {table} WHERE run_id = ?", (run_id,))
    recipe = own_texts.kept_recipe(database, run_id).as_begun()
    own_texts.keep_recipe(database, run_id, recipe)
    database.execute(
        """UPDATE runs SET state = CASE wanted WHEN 'stop' THEN 'stopped' ELSE 'paused' END, step = 0,
               wanted = NULL, new_rate = NULL, reason = '', deaths = 0, saved_at_death = -1, pruned = 0,
               life = life + 1, key = ? WHERE id = ?""",
        (recipe.key(), run_id),
    )
