"""Where runs live: one folder with the database, the locks, and a folder for each run."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from runs.errors import StoreError
from runs.settings import settings


@dataclass(frozen=True, slots=True)
class Home:
    """The places in the data folder."""

    folder: Path

    @property
    def database(self) -> Path:
        """Recipes, states, events and samples."""
        return self.folder / "glassbox.sqlite"

    @property
    def dispatcher_lock(self) -> Path:
        """Held by the one dispatcher."""
        return self.folder / "dispatcher.lock"

    @property
    def dispatcher_log(self) -> Path:
        """What the dispatcher and its workers print."""
        return self.folder / "dispatcher.log"

    @property
    def models(self) -> Path:
        """Models that were brought from elsewhere, a folder each."""
        return self.folder / "models"

    @property
    def models_to_bring(self) -> Path:
        """Where whoever runs this server lays files for everybody to choose from."""
        return self.folder / "models-to-bring"

    def run_dir(self, run_id: str) -> Path:
        """The folder of one run: its lock, its checkpoints, its tokenizer."""
        return self.folder / "runs" / run_id

    def run_lock(self, run_id: str) -> Path:
        """Held by the worker that trains the run."""
        return self.run_dir(run_id) / "lock"


def home_of(run_dir: Path) -> Home:
    """The home that a run's folder belongs to."""
    return Home(run_dir.parent.parent)


def open_home(folder: str | Path | None = None) -> Home:
    """The data folder, made if it is not there. StoreError if nothing can be written to it."""
    path = Path(folder or default_folder()).expanduser().absolute()
    try:
        (path / "runs").mkdir(parents=True, exist_ok=True)
        probe = path / f".writable.{os.getpid()}"
        probe.touch()
        probe.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(
            f"runs cannot be kept in {str(path)!r} ({error.strerror}): "
            "set GLASSBOX_HOME to a folder that can be written to"
        ) from error
    return Home(path)


def default_folder() -> Path:
    """$GLASSBOX_HOME, else the place where this system keeps a user's data."""
    if settings().home:
        return settings().home
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "glassbox"
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data) / "glassbox"
