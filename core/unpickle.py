"""Read a pickled checkpoint without trusting it: in a short-lived child process under limits.

A pickle can run code, claim 64 GiB, or never end. The server process never opens one: this module runs itself
as a child with torch's weights-only reader, checks sizes before anything is copied, and leaves safetensors.
"""

import json
import pickle
import resource
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

MAX_BYTES = 8 * 2**30  # all tensors together
SECONDS = 120
FACTS = ("model_args",)  # nanoGPT's description of its model


def read_pickled(path: Path) -> tuple[dict[str, Tensor], dict]:
    """Tensors by name and plain facts of a .pth or .pt file. ValueError says why it was refused."""
    check_archive(path)
    with tempfile.TemporaryDirectory() as folder:
        safe_path = Path(folder) / "state.safetensors"
        command = [sys.executable, "-m", "core.unpickle", str(path.resolve()), str(safe_path)]
        try:
            child = subprocess.run(
                command,
                cwd=Path(__file__).parent.parent,
                capture_output=True,
                text=True,
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise ValueError(f"reading {path.name!r} took longer than {SECONDS} s and was stopped") from error
        if child.returncode or not safe_path.exists():
            reason = child.stderr.strip().splitlines()[-1:] or ["it broke the limits of memory or time"]
            raise ValueError(f"{path.name!r} is no checkpoint of plain tensors: {reason[0]}")
        with safe_open(safe_path, framework="pt") as file:
            facts = json.loads((file.metadata() or {}).get("facts", "{}"))
        return load_file(safe_path), facts


def check_archive(path: Path) -> None:
    """Raise ValueError for a zip archive whose files claim more than the limit, before anything is read."""
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        claimed = sum(info.file_size for info in archive.infolist())
    if claimed > min(MAX_BYTES, 100 * path.stat().st_size + 2**20):
        raise ValueError(f"{path.name!r} unpacks to {claimed:,} bytes from {path.stat().st_size:,}: refused")


def tensors_of(content: object) -> dict[str, Tensor]:
    """The state dict in what was saved: by itself, or under a key of nanoGPT's or the book's."""
    for key in ("model_state_dict", "model", "state_dict"):
        if isinstance(content, dict) and isinstance(content.get(key), dict):
            content = content[key]
    if not isinstance(content, dict) or not content:
        raise ValueError("it holds no state dict")
    if not all(isinstance(name, str) and isinstance(x, Tensor) for name, x in content.items()):
        raise ValueError("its state dict holds something other than tensors")
    return content


def check_sizes(state: dict[str, Tensor]) -> None:
    """Raise ValueError if the tensors claim more than the limit, or more numbers than are stored for them."""
    if sum(x.numel() * x.element_size() for x in state.values()) > MAX_BYTES:
        raise ValueError("its tensors claim more memory than is allowed")
    for name, x in state.items():
        if x.numel() * x.element_size() > x.untyped_storage().nbytes():
            raise ValueError(f"{name} claims more numbers than the file holds")


def convert(source: str, target: str) -> None:
    """What the child does: read, check, write safetensors."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    if sys.platform == "linux":  # macOS does not keep to this limit
        resource.setrlimit(resource.RLIMIT_AS, (MAX_BYTES * 3, MAX_BYTES * 3))
    try:
        content = torch.load(source, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise ValueError("it holds more than tensors and plain values, or is damaged") from error
    state = tensors_of(content)
    check_sizes(state)
    facts = {key: content[key] for key in FACTS if isinstance(content.get(key), dict)}
    save_file(
        {name: x.clone().contiguous() for name, x in state.items()},
        target,
        metadata={"facts": json.dumps(facts)},
    )


if __name__ == "__main__":
    try:
        convert(*sys.argv[1:])
    except Exception as error:
        sys.exit(next(iter(str(error).splitlines()), type(error).__name__))
