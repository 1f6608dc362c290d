"""What the machine itself can do, measured beside everything else: no ratio means much without it."""

import os
import platform
import statistics
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import torch

from core import wide

SIDE, NUMBERS, ROUNDS = 1024, 64 * 2**20, 7
PEERS = ("torch", "transformers", "llms-from-scratch", "tokenizers", "scikit-learn", "tiktoken", "streamlit")


def seconds(work) -> float:
    """Median of some rounds, after one to warm up."""
    found = []
    for _ in range(ROUNDS + 1):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return statistics.median(found[1:])


def product_speed(by) -> float:
    """Additions and multiplications a second in a square matrix product, in GFLOP/s."""
    x, weight = torch.randn(SIDE, SIDE), torch.randn(SIDE, SIDE)
    with torch.inference_mode():
        return 2 * SIDE**3 / seconds(lambda: by(x, weight)) / 1e9


def read_speed() -> float:
    """Bytes a second that arrive from memory where each is used once, in GB/s."""
    numbers = torch.ones(NUMBERS)
    return 4 * NUMBERS / seconds(numbers.sum) / 1e9


def limits() -> list[str]:
    """Rows of a table: by one thread and by two."""
    rows = []
    for threads in (1, 2):
        torch.set_num_threads(threads)
        row = f"| {threads} | {product_speed(torch.nn.functional.linear):.0f} | "
        row += f"{product_speed(wide.product):.0f} | " if wide.here() else "the same | "
        rows.append(f"{row}{read_speed():.0f} |")
    torch.set_num_threads(1)
    return rows


def processor() -> str:
    """Its name, as Linux knows it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="ascii", errors="replace").splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.processor() or platform.machine()}, {os.cpu_count()} cores"


def versions() -> str:
    """Of Python and of all who take part."""
    found = [f"Python {platform.python_version()}"]
    for name in PEERS:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} not installed")
    return ", ".join(found)
