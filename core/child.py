"""Open what a stranger has sent in a process of its own: short-lived, shut in, its result a file.

The process gets 20 seconds and a bounded memory. Where the system can do it, it has no network and no way to
new privileges. It inherits none of the server's settings, as secrets are among them.
"""

import ctypes
import math
import os
import resource
import runpy
import signal
import subprocess
import sys
import threading
from pathlib import Path

from core.waiting import waiting

SECONDS = 20  # for the file, by a clock on the wall and of the processor
STARTING = 60  # before that: on a busy machine Python and torch take long to load
AT_ONCE = threading.BoundedSemaphore(4)  # thirty files at once would need thirty times the memory
HEADROOM = 2**30  # bytes of memory beyond what the process holds when it begins
TOO_LONG = f"reading it took longer than {SECONDS} s and was stopped"
LONGEST_WORDS = 300  # characters of what it says last
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000  # of Linux' unshare
PR_SET_NO_NEW_PRIVS = 38


def run_child(module: str, source: Path, target: Path) -> str:
    """Run `python -m module source target` to its end: "" if all went well, else the child's last words."""
    with waiting():
        if not AT_ONCE.acquire(timeout=STARTING):
            return "others' files are being read just now: try again in a minute"
        try:
            return run_now(module, source, target)
        finally:
            AT_ONCE.release()


def run_now(module: str, source: Path, target: Path) -> str:
    """The same, whoever else runs one."""
    command = [sys.executable, "-m", "core.child", module, str(source.resolve()), str(target)]
    try:
        child = subprocess.run(
            command,
            cwd=Path(__file__).parent.parent,
            env={name: value for name, value in os.environ.items() if not name.startswith("GLASSBOX_")},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=STARTING + SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return TOO_LONG
    if child.returncode in (-signal.SIGALRM, -signal.SIGXCPU):
        return TOO_LONG
    if child.returncode == 0 and target.exists():
        return ""
    return (child.stderr.strip().splitlines() or ["it broke the limits of memory or time"])[-1][
        :LONGEST_WORDS
    ]


def shut_in() -> None:
    """What the child does first of all, while it has one thread: no network, no new privileges, no dump."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(10)  # pages that are drawn meanwhile go first
    if sys.platform != "linux":
        return
    system = ctypes.CDLL(None, use_errno=True)
    if system.unshare(
        CLONE_NEWNET
    ):  # only root may; anybody else becomes nobody first, where that is allowed
        system.unshare(CLONE_NEWUSER | CLONE_NEWNET)
    system.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def limit_this_process(memory: int) -> None:
    """What its module does first: no more than SECONDS, and than `memory` bytes beyond what it holds.

    The system ends it at the first of the two signals, whatever it is at.
    """
    used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    most = math.ceil(used + SECONDS)
    resource.setrlimit(resource.RLIMIT_CPU, (most, most))
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    if sys.platform == "linux":  # macOS does not keep to this limit
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * resource.getpagesize() + memory + HEADROOM
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def last_words(error: BaseException) -> str:
    """One line for the parent to read."""
    if isinstance(error, MemoryError):
        return "it asks for more memory than is allowed"
    return next(iter(str(error).splitlines()), "") or type(error).__name__


if __name__ == "__main__":
    shut_in()
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
