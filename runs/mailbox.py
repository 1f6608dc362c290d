"""What lies in a run's folder while its worker is on another machine: its report, its orders, its recipe.

SQLite's log must not be opened over a network file system, so the two sides write to each other in files,
each with one writer: the report grows by lines of JSON, recipe and orders are written aside and renamed.
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from runs.errors import StoreError
from runs.gaps import to_json
from runs.recipe import Recipe

LONGEST_LINE = 16 * 2**20  # bytes; a report about a step of the largest batch has a fraction of it
NOBODY = ""  # the attempt that stands in the orders when no worker is to be at the run


class SupersededError(StoreError):
    """The run has been given to another worker, or to none: this one leaves without a word."""


@dataclass(frozen=True, slots=True)
class Orders:
    """What the dispatcher wants of a worker."""

    attempt: str = NOBODY  # the worker that may write
    wanted: str | None = None  # "stop", "pause", "step", "reset" or nothing
    rate: float | None = None  # a new learning rate


def folder_of(run_dir: Path) -> Path:
    """Where both sides find their mail."""
    return run_dir / "mail"


def report_of(run_dir: Path, attempt: str) -> Path:
    """The file that one worker writes and the dispatcher reads."""
    return folder_of(run_dir) / f"{attempt}.jsonl"


def lay_out(run_dir: Path, attempt: str, recipe: Recipe, step: int = 0) -> None:
    """Everything that a new worker needs, and nothing of the one before it.

    The empty report is there before the worker is: what a machine has once looked for in vain, a network file
    system may hide from it for a minute.
    """
    clear(run_dir)
    folder_of(run_dir).mkdir(parents=True, exist_ok=True)
    write_aside(folder_of(run_dir) / "recipe.json", recipe.to_json())
    write_aside(folder_of(run_dir) / "progress.json", json.dumps(step))
    report_of(run_dir, attempt).touch()
    write_orders(run_dir, Orders(attempt))


def clear(run_dir: Path) -> None:
    """Remove reports that have been read to their end."""
    for path in folder_of(run_dir).glob("*.jsonl"):
        path.unlink(missing_ok=True)


def write_orders(run_dir: Path, orders: Orders) -> None:
    """Tell the worker what is wanted. OSError if the folder is full or gone."""
    write_aside(folder_of(run_dir) / "orders.json", json.dumps(asdict(orders)))


def write_aside(path: Path, text: str) -> None:
    """A reader finds the old content or the new one, and nothing between."""
    aside = path.with_suffix(".aside")
    with aside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(aside, path)


def read_orders(run_dir: Path) -> Orders | None:
    """What is wanted; None if that cannot be read at this moment."""
    try:
        return Orders(**json.loads((folder_of(run_dir) / "orders.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def read_recipe(run_dir: Path) -> Recipe:
    """What to train."""
    return Recipe.from_json((folder_of(run_dir) / "recipe.json").read_text(encoding="utf-8"))


def read_progress(run_dir: Path) -> int:
    """How many steps of the run had been seen when it was given to this worker."""
    return int(json.loads((folder_of(run_dir) / "progress.json").read_text(encoding="utf-8")))


def has_begun(run_dir: Path, attempt: str) -> bool:
    """Whether this worker has written its first line; before it, the job waits for a machine."""
    try:
        return report_of(run_dir, attempt).stat().st_size > 0
    except OSError:
        return False


def append(path: Path, line: dict, at: int) -> int:
    """Write a line from byte `at` on, over what a full disk may have left there; returns where it ends.

    It is on the disk before the worker saves a checkpoint that leans on it, and the file is closed, which is
    when a network file system shows it to others.
    """
    content = to_json(line).encode() + b"\n"
    with path.open("r+b") as file:
        file.seek(at)
        file.truncate()
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return at + len(content)


def read_lines(path: Path, start: int) -> tuple[list[bytes], int]:
    """The whole lines from byte `start` on, and where they end: a torn last line waits for its rest.

    Bytes without any end of a line are rubbish: as many of them as a line may have are taken for one.
    """
    with path.open("rb") as file:
        file.seek(start)
        content = file.read(LONGEST_LINE)
    end = content.rfind(b"\n") + 1
    if not end and len(content) == LONGEST_LINE:
        end = len(content)
    return content[:end].splitlines(), start + end
