"""One side of one job in a process of its own: `python -m bench.side JOB SIDE THREADS`.

It makes itself ready and says so; then, for each line that it reads, it does the work once and says in how
many seconds. The other side waits meanwhile: A B A B.
"""

import importlib
import sys
import time
from types import ModuleType

import torch

ROOMS = {  # a job's first word, and where it is written
    "train": "training",
    "all": "looking",
    "tap": "looking",
    "write": "writing",
    "load": "loading",
    "learn": "texts",
    "tokenize": "texts",
    "pieces": "texts",
    "gradients": "arithmetic",
    "2-D": "arithmetic",
    "two": "together",
}


def room_of(job: str) -> ModuleType:
    """The module of a job, and no other: TransformerLens' environment has but what its own job needs."""
    return importlib.import_module(f"bench.jobs.{ROOMS[job.split()[0]]}")


def units_of(job: str) -> tuple[str, int | None]:
    """What a job's turn is counted in, and how many of it a turn has; None: seconds."""
    return room_of(job).UNITS[job]


def main() -> None:
    """Be ready, and work when told to."""
    job, who, threads = sys.argv[1:]
    if threads != "own":
        torch.set_num_threads(int(threads))
    torch.manual_seed(1)
    work = room_of(job).READY[job]()[who]()
    work()  # the first time is never like the others
    answer("ready")
    for _ in sys.stdin:
        start = time.perf_counter()
        work()
        answer(str(time.perf_counter() - start))


def answer(word: str) -> None:
    """On a line of its own, marked: libraries print things, too."""
    print(f"\n@{word}", flush=True)


if __name__ == "__main__":
    main()
