"""An app of our own to be measured: started as people start it, watched through /proc, stopped by SIGTERM."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
TICKS = os.sysconf("SC_CLK_TCK")  # of processor time, in one second
MB = 1e6


class Server:
    """Glassbox on a free port, with a data folder of its own."""

    def __init__(self, home: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.home = home
        self.began = time.perf_counter()
        self.log = home / "app.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "app.py"],
                cwd=ROOT,
                env=os.environ | {"GLASSBOX_HOME": str(home), "PORT": str(self.port)},
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        if not any("ready" in line for line in self.process.stdout):
            raise OSError(f"the app did not start: {self.log.read_text()[-2000:]}")
        self.seconds_to_ready = time.perf_counter() - self.began

    def memory(self) -> float:
        """Resident, in MB: all of it, also what is mapped from files and shared."""
        return status_of(self.process.pid, "VmRSS:") / 1e3 * 1.024

    def threads(self) -> int:
        """How many threads it has: two a script that runs, and the server's own."""
        return status_of(self.process.pid, "Threads:")

    def processor_seconds(self) -> float:
        """Processor time that it has used, in all its threads."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def metrics(self) -> dict[str, float]:
        """What Streamlit counts: sessions, and the hits and misses of each cache."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/_stcore/metrics", timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        parted = [line.rpartition(" ") for line in lines if not line.startswith("#")]
        return {name: float(value) for name, _, value in parted if name}

    def cache_hits(self) -> float:
        """Which share of all that was asked of the caches they had."""
        counted = [(name, value) for name, value in self.metrics().items() if "cache_lookups" in name]
        hits = sum(value for name, value in counted if 'result="hit"' in name)
        return hits / max(1.0, sum(value for _, value in counted))

    def sessions(self) -> int:
        """How many tabs it thinks are open."""
        return int(self.metrics().get("active_sessions", -1))

    def dispatcher(self) -> int | None:
        """The process id of the dispatcher of this data folder, if one is at work."""
        return next(
            (pid for pid, line in command_lines() if "runs.dispatcher" in line and self.ours(line)), None
        )

    def ours(self, line: str) -> bool:
        """Whether a command line names this data folder."""
        return str(self.home) in line

    def left_over(self) -> list[str]:
        """The command lines of processes that still work for this data folder."""
        return [line for pid, line in command_lines() if self.ours(line) or pid == self.process.pid]

    def stop(self) -> float:
        """SIGTERM to the app; seconds until it is gone."""
        began = time.perf_counter()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)
        self.process.stdout.close()
        return time.perf_counter() - began

    def stop_dispatcher(self) -> float:
        """SIGTERM to the dispatcher, if there is one; seconds until it and its workers are gone."""
        began = time.perf_counter()
        if pid := self.dispatcher():
            os.kill(pid, signal.SIGTERM)
        while self.left_over() and time.perf_counter() - began < 60:
            time.sleep(0.05)
        return time.perf_counter() - began


def status_of(pid: int, name: str) -> int:
    """A number in a process's status."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))


def command_lines() -> Iterator[tuple[int, str]]:
    """Every process with its command line."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:  # gone meanwhile
            continue
        yield int(folder.name), line
