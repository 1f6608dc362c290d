"""When the disk is full: how that is noticed, and how a worker still finds room for its last words."""

import errno
import os
from pathlib import Path

FULL = "the disk is full: make room, then let the run go on from its last checkpoint"
EXIT_FULL = errno.ENOSPC  # the exit code of a worker that could not even write that down
SIGNS = ("disk is full", f"os error {errno.ENOSPC}", f"os error {errno.EDQUOT}")  # SQLite's and safetensors'
NEEDED = 2**16  # bytes without which SQLite cannot even open its file


def disk_is_full(error: BaseException) -> bool:
    """Whether the system, SQLite or safetensors says so, here or where the error came from."""
    cause = error.__cause__ or error.__context__
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return True
    if any(sign in str(error) for sign in SIGNS):
        return True
    return cause is not None and disk_is_full(cause)


def no_room(folder: Path) -> bool:
    """Whether next to nothing can be written on the disk of this folder."""
    try:
        disk = os.statvfs(folder)
    except OSError:
        return False
    return disk.f_bavail * disk.f_frsize < NEEDED


def drop_unfinished(run_dir: Path) -> None:
    """Remove what a worker was just writing when it died, or when the disk was full."""
    for pattern in (".*", "*.aside", "rail/.*", "rail/*.aside"):
        for path in run_dir.glob(pattern):
            path.unlink(missing_ok=True)
