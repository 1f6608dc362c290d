"""How far a download is, in a small file that everybody on the server can read at any moment."""

import json
import os
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

EVERY = 0.5  # seconds between two notes of the same phase


@dataclass(frozen=True, slots=True)
class Progress:
    """One note."""

    phase: str = "asking"  # then "downloading", "checking"; "failed" with a reason
    done: int = 0  # bytes that are here
    total: int = 0  # bytes, 0 as long as nobody has said
    reason: str = ""
    speed: float = 0.0  # bytes a second, of this process

    @property
    def seconds_left(self) -> float | None:
        """At the speed until now; None as long as there is none."""
        return (self.total - self.done) / self.speed if self.speed else None


def part_of(folder: Path) -> Path:
    """Where a download is kept until it is whole: on the folder's disk, also if the folder is a link."""
    real = folder.resolve()
    return real.with_name(f"{real.name}.part")


def progress_file_of(folder: Path) -> Path:
    """Where its progress is written."""
    return folder.with_name(f"{folder.name}.progress.json")


def read_progress(path: Path) -> Progress:
    """The last note, or one of which nothing is known."""
    try:
        return Progress(**json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError):
        return Progress()


class ProgressFile:
    """Writes notes, aside and renamed, so that no reader ever meets half of one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.last = Progress()
        self.written = 0.0  # when
        self.begin: tuple[float, int] | None = None  # when the first bytes came, and how many were here

    def write(self, progress: Progress) -> None:
        """Keep a note, unless the last one is fresh and tells nearly the same."""
        now = time.monotonic()
        if progress.phase == "downloading":
            self.begin = self.begin or (now, progress.done)
            since, had = self.begin
            progress = replace(progress, speed=max(0, progress.done - had) / max(now - since, 1e-3))
        if progress.phase == self.last.phase and now - self.written < EVERY:
            return
        self.last, self.written = progress, now
        aside = self.path.with_name(f".{self.path.name}.aside")
        aside.write_text(json.dumps(asdict(progress)), encoding="utf-8")
        os.replace(aside, self.path)

    def end(self, reason: str) -> None:
        """The last note: why it came to nothing."""
        self.write(replace(self.last, phase="failed", reason=reason, speed=0.0))
