"""Open what a stranger has sent in a process of its own: short-lived, under limits, its result a file."""

import os
import resource
import subprocess
import sys
import threading
from pathlib import Path

SECONDS = 120  # of a clock on the wall, and of the processor
ONE_AT_A_TIME = threading.Lock()  # thirty files at once would need thirty times the memory
HEADROOM = 2**30  # bytes of memory beyond what the process holds when it begins


def refuse_pickles_of_strangers(path: Path, instead: str) -> None:
    """Raise ValueError on a server open to everyone (GLASSBOX_STRANGERS=1), with two lines that help."""
    if os.environ.get("GLASSBOX_STRANGERS", "0") not in ("", "0"):
        raise ValueError(
            f"{path.name!r} is pickled, and a pickle can hold code: this server is open to strangers and "
            f"reads none. Write what it holds as a plain file yourself, and bring that:\n{instead}"
        )


def run_child(module: str, source: Path, target: Path) -> str:
    """Run `python -m module source target` to its end: "" if all went well, else the child's last words."""
    command = [sys.executable, "-m", module, str(source.resolve()), str(target)]
    try:
        with ONE_AT_A_TIME:
            child = subprocess.run(
                command,
                cwd=Path(__file__).parent.parent,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=SECONDS,
                check=False,
            )
    except subprocess.TimeoutExpired:
        return f"reading it took longer than {SECONDS} s and was stopped"
    if child.returncode == 0 and target.exists():
        return ""
    return (child.stderr.strip().splitlines() or ["it broke the limits of memory or time"])[-1]


def limit_this_process(memory: int) -> None:
    """What the child does first: no more than SECONDS, and than `memory` bytes beyond what it holds."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    if sys.platform == "linux":  # macOS does not keep to this limit
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * resource.getpagesize() + memory + HEADROOM
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def last_words(error: BaseException) -> str:
    """One line for the parent to read."""
    if isinstance(error, MemoryError):
        return "it asks for more memory than is allowed"
    return next(iter(str(error).splitlines()), "") or type(error).__name__
