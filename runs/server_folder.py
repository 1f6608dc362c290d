"""The one folder of the server from which people may bring models; whoever runs the server names it.

GLASSBOX_BRING_FROM is this folder; without it, `models-to-bring/` in the data folder. For everything outside
of it, and for all that is not there or cannot be read, there is one sentence: who asks learns nothing else.
"""

import os
import stat
from pathlib import Path

from runs.home import Home
from runs.settings import settings

LARGEST_FILE = 8 * 2**30  # bytes; GPT-2 XL has 6.4e9
LONGEST_PATH = 1000
NOTHING = (
    "no model can be read there: give the path of a file or folder inside the folder that whoever runs this "
    "server has set aside for models"
)


def bring_from(home: Home) -> Path:
    """Where whoever runs this server lays files for everybody to choose from."""
    return settings().bring_from or home.models_to_bring


def path_inside(home: Home, written: str) -> Path:
    """The file or folder that a person names; no link leads out. The same ValueError for all else."""
    try:
        root = bring_from(home).absolute()
        wanted = Path(os.path.normpath(root / Path(written.strip().strip("\"'")[:LONGEST_PATH]).expanduser()))
        if written.strip() and wanted.is_relative_to(root) and is_readable(wanted, root):
            return wanted
    except (OSError, RuntimeError, ValueError):  # ValueError: a NUL in the path
        pass
    raise ValueError(NOTHING)


def is_readable(path: Path, root: Path) -> bool:
    """Whether this is a file or folder, is inside once all links are followed, and may be read."""
    kind = path.stat().st_mode
    is_inside = path.resolve(strict=True).is_relative_to(root.resolve(strict=True))
    return is_inside and (stat.S_ISREG(kind) or stat.S_ISDIR(kind)) and os.access(path, os.R_OK)


def check_size(path: Path) -> None:
    """Raise ValueError for a file that is too large, before anything of it is read."""
    size = path.stat().st_size
    if size > LARGEST_FILE:
        raise ValueError(f"{path.name[:80]!r} has {size:,} bytes, and {LARGEST_FILE:,} is the most")
