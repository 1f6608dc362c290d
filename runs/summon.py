"""Start the dispatcher if none is at work. It is nobody's child in spirit: it survives the app.

Where GLASSBOX_DISPATCHER=elsewhere it has a container of its own, and no app starts one in its place.
"""

import os
import subprocess
import sys
import threading
from pathlib import Path

from core.waiting import held
from runs.elsewhere import chosen
from runs.errors import StoreError
from runs.home import Home
from runs.lock import is_locked
from runs.settings import settings

ROOT = Path(__file__).parent.parent
summoned: dict[
    Path, subprocess.Popen
] = {}  # by data folder; so that one app does not start a second while one loads
guard = threading.Lock()


def ensure_dispatcher(home: Home) -> None:
    """Return at once; within about 3 seconds a dispatcher is at work. Costs 50 microseconds if one is.

    StoreError if the system has no room for another process, or GLASSBOX_LAUNCHER cannot be followed.
    """
    if settings().dispatcher == "elsewhere":
        return
    try:
        summon(home)
    except OSError as error:
        raise StoreError(f"no training can be started now ({error.strerror}): try again later") from error


def summon(home: Home) -> None:
    """Start the dispatcher, unless one is at work or this process has just started it."""
    with held(guard):
        loading = summoned.get(home.folder)
        if (loading and loading.poll() is None) or is_locked(home.dispatcher_lock):
            return
        chosen()  # or it would go at once, and nobody would read why
        with home.dispatcher_log.open("ab") as log:
            summoned[home.folder] = subprocess.Popen(
                [sys.executable, "-m", "runs.dispatcher", "--home", str(home.folder)],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env=os.environ | {"OMP_NUM_THREADS": "1"},  # one thread: only such a process may fork
            )
