"""A download on the disk: parts beside the folder, checked by hash, then the whole folder at once."""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.gpt2_sizes import FILES

RESERVE = 256 * 2**20  # bytes of the disk that are left to others


@dataclass(frozen=True, slots=True)
class Stated:
    """What the hub states of a file, before a byte of it is here."""

    file: str
    address: str  # of this very version
    bytes: int
    digest: str  # sha256 of a large file, git's sha1 of a small one

    def here(self, part: Path) -> Path:
        """The part of this version that is here; it has its own name only once it is checked."""
        return part / f"{self.digest[:16]}.partial"


@contextmanager
def only_one(part: Path) -> Iterator[None]:
    """Make and hold the folder of parts, so that no second process writes into the same file."""
    part.mkdir(parents=True, exist_ok=True)
    held = os.open(part, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise ValueError("another process is downloading it at this moment") from error
    finally:
        os.close(held)


def drop_others(part: Path, stated: list[Stated]) -> None:
    """Remove what is left of versions that the hub no longer has."""
    wanted = {one.here(part) for one in stated}
    for path in part.iterdir():
        if path not in wanted:
            path.unlink()


def check_room(folder: Path, needed: int) -> None:
    """Raise ValueError, with the sum shown, before the disk is full: trainings write to it, too."""
    free = shutil.disk_usage(folder).free
    if needed + RESERVE > free:
        raise ValueError(
            f"{needed / 1e6:,.0f} MB to download + {RESERVE / 1e6:,.0f} MB of reserve = "
            f"{(needed + RESERVE) / 1e6:,.0f} MB, and the disk of {folder.parent} has {free / 1e6:,.0f} MB: "
            "make room, or choose a smaller size"
        )


def check_digest(stated: Stated, part: Path) -> None:
    """Raise ValueError, and remove the file, if it is not the one that the hub states."""
    with stated.here(part).open("rb") as file:
        os.fsync(file.fileno())
        if len(stated.digest) == 64:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        else:  # as git names it
            content = file.read()
            digest = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
    if digest != stated.digest:
        stated.here(part).unlink()
        raise ValueError(
            f"{stated.file} arrived with the hash {digest[:12]}, and the hub states {stated.digest[:12]}: "
            "it is damaged and was removed, so download it again"
        )


def install(stated: list[Stated], part: Path, folder: Path) -> None:
    """Give the checked files their names, and the folder its own. One that was there is never half new."""
    for one in stated:
        os.replace(one.here(part), part / one.file)
    if not folder.exists():
        os.rename(part, folder)
        return
    (folder / FILES[0]).unlink(missing_ok=True)  # without it, the folder counts as absent
    for file in reversed(FILES):
        os.replace(part / file, folder / file)
    part.rmdir()
