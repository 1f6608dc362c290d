"""Where GPT-2 lives: one folder for each size, the same for everybody on this server.

A download is a process of its own: it outlives the tab that began it, and the app. A person may as well put
the two files there by hand; nobody asks who did.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from shutil import rmtree

from core.download_progress import Progress, part_of, progress_file_of, read_progress
from core.foreign import read_weights
from core.gpt2_sizes import FILES, SIZES, Size
from core.waiting import held, waiting
from runs.budget import check_budget
from runs.errors import StoreError
from runs.home import Home
from runs.lock import holder, is_locked, try_lock
from runs.offered import Offered, in_folder
from runs.summon import ROOT

PATIENCE = 0.3  # seconds, for those who only ask whether it is locked
LEAVING = 5.0  # seconds for a process that was told to end
children: dict[Path, subprocess.Popen] = {}  # by folder: whoever has begun a process has to see its end
guard = threading.Lock()


@dataclass(frozen=True, slots=True)
class State:
    """How it stands with one size."""

    kind: str  # "absent", "downloading", "there" or "failed"
    progress: Progress = field(default_factory=Progress)
    kept: int = 0  # bytes of an unfinished download: it goes on from there
    reason: str = ""  # why it failed


@dataclass(frozen=True, slots=True)
class Place:
    """The folder of one size, and what goes on with it."""

    home: Home
    name: str  # one of SIZES

    @property
    def size(self) -> Size:
        """What is known of it."""
        return SIZES[self.name]

    @property
    def folder(self) -> Path:
        """Holds config.json and model.safetensors, or is not there."""
        return self.home.folder / "gpt2" / self.name

    @property
    def lock(self) -> Path:
        """Held by the process that downloads."""
        return self.folder.with_name(f"{self.name}.lock")

    @property
    def kept(self) -> int:
        """Bytes of an unfinished download."""
        with suppress(OSError):  # it has just become whole
            return sum(path.stat().st_size for path in part_of(self.folder).glob("*.partial"))
        return 0

    def state(self) -> State:
        """How it stands now, for everybody alike."""
        if self.lock.exists() and is_locked(self.lock):
            return State("downloading", read_progress(progress_file_of(self.folder)), self.kept)
        wrong, told = self.wrong(), read_progress(progress_file_of(self.folder))
        if wrong == "":
            return State("there")
        reason = told.reason or wrong or ""
        return State("failed" if reason else "absent", kept=self.kept, reason=reason)

    def wrong(self) -> str | None:
        """What is wrong with the files in the folder: "" if nothing, None if they are not there."""
        try:
            stats = [(self.folder / file).stat() for file in FILES]
        except OSError:
            return None
        return what_is_wrong(self.folder, self.name, tuple((s.st_mtime_ns, s.st_size) for s in stats))

    def offered(self, folder: Path) -> Offered:
        """The files as runs.bringing takes them; they are read where they lie, so it needs no `folder`."""
        del folder
        return in_folder(self.folder, f"GPT-2 {self.size.label}")

    def start(self) -> None:
        """Begin or go on, once, however many ask. BudgetError if the model would not fit, StoreError."""
        check_budget(self.size.config)
        try:
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            lock = try_lock(self.lock, PATIENCE)
            if lock is None:
                return
            try:
                if self.wrong() != "":
                    self.begin(lock)
            finally:
                os.close(lock)  # the child keeps its copy, and with it the lock
        except OSError as error:
            told = f"no download can be started now ({error.strerror}): try again later"
            raise StoreError(told) from error

    def begin(self, lock: int) -> None:
        """Start the process that holds the lock from now on, signed with its id."""
        progress_file_of(self.folder).unlink(missing_ok=True)
        with held(guard), self.folder.with_name(f"{self.name}.log").open("wb") as log:
            if self.folder in children:  # it holds the lock no more: it is just leaving
                with waiting():
                    children[self.folder].wait(LEAVING)
            child = children[self.folder] = subprocess.Popen(
                [sys.executable, "-m", "core.download", self.name, str(self.folder)],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=(lock,),
            )
        os.pwrite(lock, f"{child.pid}\n".encode(), 0)

    def cancel(self) -> None:
        """End the download; what has come is kept, so that it can go on."""
        if not self.lock.exists():
            return
        with suppress(ProcessLookupError):
            if pid := holder(self.lock):
                os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + LEAVING
        with waiting():
            while is_locked(self.lock) and time.monotonic() < deadline:
                time.sleep(0.02)

    def discard(self) -> None:
        """Remove what an unfinished download has left, and why it failed."""
        lock = try_lock(self.lock, PATIENCE) if self.lock.exists() else None
        if lock is None:
            return
        rmtree(part_of(self.folder), ignore_errors=True)
        progress_file_of(self.folder).unlink(missing_ok=True)
        os.close(lock)


@lru_cache(maxsize=16)
def what_is_wrong(folder: Path, name: str, changed: tuple) -> str:
    """Why the files in a folder are not this GPT-2, "" if they are; read again once they have `changed`."""
    try:
        found = read_weights(folder).config
    except ValueError as error:
        return f"the files in {folder} cannot be read: {error}"
    wanted = SIZES[name].config
    if (found.emb_dim, found.n_layers) != (wanted.emb_dim, wanted.n_layers):
        return (
            f"the folder {folder} holds another model, of {found.n_layers} layers of width {found.emb_dim}: "
            f"{name} has {wanted.n_layers} of {wanted.emb_dim}"
        )
    return ""
