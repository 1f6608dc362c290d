"""Sides that take turns, and what is said of them: medians, ratios, spread."""

import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass


class Side:
    """A process that does its work when asked (`bench/side.py`)."""

    def __init__(self, job: str, who: str, threads: int | str, python: str = sys.executable) -> None:
        environment = os.environ | ({} if threads == "own" else {"OMP_NUM_THREADS": str(threads)})
        command = [python, "-W", "ignore", "-m", "bench.side", job, who, str(threads)]
        self.who = who
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )

    def answer(self) -> str:
        """The next marked line. RuntimeError if the process has ended without one."""
        for line in self.process.stdout:
            if line.startswith("@"):
                return line[1:].strip()
        raise RuntimeError(f"{self.who} ended with code {self.process.wait()}")

    def turn(self) -> float:
        """Seconds of one turn."""
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return float(self.answer())

    def end(self) -> None:
        """Nothing more to do."""
        self.process.stdin.close()
        self.process.wait()


@dataclass(frozen=True)
class Ratio:
    """How a peer compares with Glassbox: above 1, Glassbox is faster."""

    ours: float  # median seconds
    theirs: float
    middle: float  # median of the ratios of neighbouring turns
    least: float
    most: float


def in_turns(sides: Sequence[Side], rounds: int) -> dict[str, list[float]]:
    """Seconds of each side, A B C A B C ..."""
    found: dict[str, list[float]] = {side.who: [] for side in sides}
    for _ in range(rounds):
        for side in sides:
            found[side.who].append(side.turn())
    return found


def compared(ours: Sequence[float], theirs: Sequence[float]) -> Ratio:
    """Turn by turn, so that a slow moment of the machine slows both."""
    ratios = [their / our for our, their in zip(ours, theirs, strict=True)]
    medians = statistics.median(ours), statistics.median(theirs), statistics.median(ratios)
    return Ratio(*medians, min(ratios), max(ratios))
