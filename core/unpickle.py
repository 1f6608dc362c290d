"""Read a pickled checkpoint without trusting it: in a short-lived child process under limits.

A pickle can run code, claim 64 GiB, or never end. The server process never opens one: this module runs itself
as a child with torch's weights-only reader, checks sizes before anything is copied, and leaves safetensors.
"""

import json
import os
import pickle
import sys
import zipfile
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from core.child import last_words, limit_this_process, run_child

MAX_BYTES = 8 * 2**30  # all tensors together
LONGEST_PICKLE = 16 * 2**20  # bytes of names and shapes in an archive; GPT-2 XL has 100,000
FACTS = ("model_args",)  # nanoGPT's description of its model
BEGINNINGS = (b"PK\x03\x04", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")  # of a zip, of a pickle
INSTEAD = """from safetensors.torch import save_model
save_model(model, "model.safetensors")"""


def rewrite_pickled(path: Path, target: Path) -> None:
    """Write a .pth, .pt or .bin file's tensors and plain facts as safetensors. ValueError says why not."""
    check_beginning(path)
    if reason := run_child("core.unpickle", path, target):
        raise ValueError(f"{path.name!r} is no checkpoint of plain tensors: {reason}")


def check_beginning(path: Path) -> None:
    """Raise ValueError for a file that is neither an archive nor a pickle, whatever its name says."""
    with path.open("rb") as file:
        beginning = file.read(4)
    if not beginning:
        raise ValueError(f"{path.name!r} is empty")
    if not beginning.startswith(BEGINNINGS):
        raise ValueError(
            f"{path.name!r} holds no weights: it is neither safetensors nor what torch.save writes"
        )


def check_archive(path: Path) -> None:
    """Raise ValueError for a zip archive whose files claim more than the limit, before any is read."""
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
    claimed = sum(part.file_size for part in parts)
    if claimed > min(MAX_BYTES, 100 * path.stat().st_size + 2**20):
        raise ValueError(f"it unpacks to {claimed:,} bytes from {path.stat().st_size:,}")
    if any(part.file_size > LONGEST_PICKLE for part in parts if part.filename.endswith(".pkl")):
        raise ValueError(f"its names and shapes take more than {LONGEST_PICKLE:,} bytes")
    if any(part.compress_type != zipfile.ZIP_STORED for part in parts):
        raise ValueError("it is compressed, which torch.save never does")


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


def apart(state: dict[str, Tensor]) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Tensors that share no memory, as safetensors wants them, and the second names of tied ones.

    A second name is kept as safetensors' own save_model keeps it: {second name: first name}.
    """
    separate: dict[str, Tensor] = {}
    first_names: dict[tuple, str] = {}
    second_names: dict[str, str] = {}
    storages: set[int] = set()
    for name, x in state.items():
        storage = x.untyped_storage().data_ptr()
        view = (storage, x.storage_offset(), x.shape, x.stride(), x.dtype)
        if view in first_names:
            second_names[name] = first_names[view]
            continue
        separate[name] = x.clone().contiguous() if storage in storages else x.contiguous()
        first_names[view] = name
        storages.add(storage)
    return separate, second_names


def read_weights_only(source: str) -> object:
    """What torch's reader without code makes of a file. ValueError if there is more than tensors in it."""
    try:  # mapped: an optimizer's state, twice the model's size, is then never read
        return torch.load(
            source, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(source) or None
        )
    except pickle.UnpicklingError as error:
        if "Unsupported global" in str(error) or "Unsupported class" in str(error):
            raise ValueError(
                "it holds Python objects, perhaps the whole model, and those are code: save the weights "
                "alone, with torch.save(model.state_dict(), path)"
            ) from error
        raise ValueError("it holds more than tensors and plain values, or is damaged") from error


def convert(source: str, target: str) -> None:
    """What the child does: read, check, write safetensors."""
    limit_this_process(memory=4 * os.path.getsize(source))
    check_archive(Path(source))
    content = read_weights_only(source)
    state = tensors_of(content)
    check_sizes(state)
    facts = {key: content[key] for key in FACTS if isinstance(content.get(key), dict)}
    separate, second_names = apart(state)
    save_file(separate, target, metadata=second_names | {"facts": json.dumps(facts)})


if __name__ == "__main__":
    try:
        convert(*sys.argv[1:])
    except Exception as error:
        sys.exit(last_words(error))
