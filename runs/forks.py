"""Branch off from a run at its last checkpoint, with another learning rate; the run itself is left alone."""

import errno
import os
import secrets
import shutil
from pathlib import Path

from safetensors import SafetensorError

from runs import admission, own_texts, quota
from runs.database import reading, writing
from runs.errors import NotThereError, StoreError
from runs.home import Home
from runs.rail import OF_A_STEP, file_name, kept_steps
from runs.recipe import Recipe
from runs.resume import LAST, PREVIOUS, read_facts

COPIED = (
    "INSERT INTO train_events SELECT ?, step, tokens_seen, loss, grad_norm, learning_rate FROM train_events "
    "WHERE run_id = ? AND step < ?",
    "INSERT INTO eval_events SELECT ?, step, train_loss, val_loss, sample, seconds, scores FROM eval_events "
    "WHERE run_id = ? AND step <= ?",
)


def fork(home: Home, run_id: str, learning_rate: float, owner: str) -> str:
    """A run that shares everything up to the last checkpoint, and goes on with another rate; returns its id.

    A run that did the same before is joined. ValueError if there is nothing left to train, QuotaError.
    """
    with reading(home.database) as database:
        row = database.execute("SELECT owner, address, state FROM runs WHERE id = ?", (run_id,)).fetchone()
        recipe = own_texts.kept_recipe(database, run_id)
    if row["state"] == "done":
        raise ValueError("this run is at its end, so no step is left for another learning rate: start anew")
    near = row["address"] if row["owner"] == owner else ""  # a fork of one's own is from where the run was
    new_id = secrets.token_hex(16)
    try:
        step = copy_files(home.run_dir(run_id), home.run_dir(new_id))
        return admit_fork(home, run_id, new_id, recipe.with_rate(step, learning_rate), step, (owner, near))
    except BaseException as error:
        shutil.rmtree(home.run_dir(new_id), ignore_errors=True)
        if isinstance(error, OSError):
            raise StoreError(f"the run cannot branch off: {error.strerror}") from error
        raise


def admit_fork(
    home: Home, run_id: str, new_id: str, recipe: Recipe, step: int, whose: tuple[str, str]
) -> str:
    """Put the fork into the queue with its parent's events, or join the run that is the same."""
    key, (owner, near) = recipe.key(), whose
    with writing(home.database) as database:
        found = admission.same_recipe(database, key)
        if found is None:
            quota.check(database, owner, near)
            made = {"address": near, "run_id": new_id, "parent": run_id, "step": step}
            admission.insert_run(database, recipe, key, owner, **made)
            for copied in COPIED:
                database.execute(copied, (new_id, run_id, step))
        database.execute("INSERT INTO starts VALUES (?, ?, NULL)", (found or new_id, owner))
    if found:
        shutil.rmtree(home.run_dir(new_id), ignore_errors=True)
    return found or new_id


def copy_files(old: Path, new: Path) -> int:
    """Link what the fork needs into its own folder, and return the step that it begins at.

    Links cost nothing, and no file is written twice: a new checkpoint takes the name, not the content.
    """
    (new / "rail").mkdir(parents=True)
    link(old / "tokenizer.json", new / "tokenizer.json")
    for name in (LAST, PREVIOUS):  # first linked, then read: a worker may replace them meanwhile
        link(old / name, new / name)
    kept_name, step = last_saved(new)
    if step is None:
        raise NotThereError(
            "this run has no checkpoint to go back to: start it again with another learning rate"
        )
    os.replace(new / kept_name, new / LAST)
    (new / PREVIOUS).unlink(missing_ok=True)
    for kept in kept_steps(old):
        if kept <= step:
            for suffix in OF_A_STEP:
                link(old / "rail" / file_name(kept, suffix), new / "rail" / file_name(kept, suffix))
    return step


def link(old: Path, new: Path) -> None:
    """A second name for a file, if the file is there."""
    try:
        os.link(old, new)
    except FileNotFoundError:
        return
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise
        shutil.copy(old, new)  # a file system without links


def last_saved(run_dir: Path) -> tuple[str, int | None]:
    """The name of the last whole checkpoint, and its step; None if there is none."""
    for name in (LAST, PREVIOUS):
        try:
            return name, read_facts(run_dir / name)["step"]
        except (OSError, SafetensorError, KeyError, TypeError, ValueError):
            continue  # missing, or cut off: the one before is still good
    return LAST, None
