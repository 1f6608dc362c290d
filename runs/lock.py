"""Who is alive, as the kernel sees it: a process holds a lock file, and any death lets go of it."""

import fcntl
import os
import time
from pathlib import Path

from core.waiting import waiting


def try_lock(path: Path, patience: float = 0.0) -> int | None:
    """Hold a lock until this process ends or closes the returned file descriptor; None if another holds it.

    Whoever only asks holds it for a moment, too: `patience` is how many seconds to go on trying.
    """
    descriptor = lock_now(path)
    if descriptor is not None or not patience:
        return descriptor
    deadline = time.monotonic() + patience
    with waiting():
        while descriptor is None and time.monotonic() < deadline:
            time.sleep(0.02)
            descriptor = lock_now(path)
    return descriptor


def lock_now(path: Path) -> int | None:
    """Hold a lock, or None if another holds it at this moment."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    if hold(descriptor) and is_the_file(descriptor, path):
        os.ftruncate(descriptor, 0)  # the signature of who held it before
        return descriptor
    os.close(descriptor)
    return None


def hold(descriptor: int) -> bool:
    """Lock an open file, if nobody else has."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_the_file(descriptor: int, path: Path) -> bool:
    """Whether the open file still has this name: whoever holds a file that was removed holds nothing."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def is_locked(path: Path) -> bool:
    """Whether a living process holds the lock."""
    descriptor = try_lock(path)
    if descriptor is None:
        return True
    os.close(descriptor)
    return False


def sign(descriptor: int) -> None:
    """Write this process's id into a lock that it holds, for whoever has to end it."""
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    os.ftruncate(descriptor, len(f"{os.getpid()}\n"))


def holder(path: Path) -> int | None:
    """The process that holds a lock, if one does and has signed it."""
    if not path.exists() or not is_locked(path):
        return None
    signature = path.read_text(encoding="utf-8").strip()
    return int(signature) if signature.isdigit() else None
