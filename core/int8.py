"""A model at a quarter of its size: each weight as one of 255 steps, and for each row the size of a step.

For early checkpoints that are there to be looked at. What is lost is at most half a step of each weight.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from core.assembly import assemble
from core.config_of_file import our_config
from core.gpt import GPTModel
from core.gpt2_names import book_routes
from core.tensor_files import TensorFiles

STEP = ":step"  # after a tensor's name
MOST = 127  # the largest number of eight bits with a sign


def to_int8(tensor: Tensor) -> tuple[Tensor, Tensor]:
    """Steps and their size, a row a size: (..., n) -> (..., n) of int8 and (..., 1)."""
    scale = tensor.abs().amax(-1, keepdim=True).clamp(min=1e-12) / MOST
    return (tensor / scale).round().to(torch.int8), scale


def save_int8(model: GPTModel, path: Path) -> None:
    """Write the model with its config; 1-D tensors, which are small, stay as they are."""
    state = {name: tensor.detach().contiguous() for name, tensor in model.state_dict().items()}
    if model.config.tie_weights:
        del state["out_head.weight"]
    for name in [name for name, tensor in state.items() if tensor.ndim > 1]:
        state[name], state[name + STEP] = to_int8(state[name])
    save_file(state, path, metadata={"glassbox": json.dumps(asdict(model.config))})


class Int8Tensors(Mapping[str, Tensor]):
    """The tensors of such a file, each made whole when it is asked for."""

    def __init__(self, tensors: Mapping[str, Tensor]) -> None:
        self.tensors = tensors

    def __getitem__(self, name: str) -> Tensor:
        tensor = self.tensors[name]
        if name + STEP not in self.tensors:
            return tensor
        scale = self.tensors[name + STEP]
        if scale.shape != (*tensor.shape[:-1], 1):
            raise ValueError(f"{name + STEP} has shape {tuple(scale.shape)}: one step for each row is needed")
        return tensor * scale

    def __iter__(self) -> Iterator[str]:
        return (name for name in self.tensors if not name.endswith(STEP))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def is_int8(names: Collection[str]) -> bool:
    """Whether a file's tensors are kept in steps."""
    return any(name.endswith(STEP) for name in names)


def load_int8(path: Path) -> GPTModel:
    """The model of such a file."""
    files = TensorFiles([path])
    config, tensors = our_config(files.facts["glassbox"]), Int8Tensors(files)
    return assemble(config, book_routes(tensors, config), tensors)
