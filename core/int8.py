"""A model at a quarter of its size: each weight as one of 255 steps, and for each row the size of a step.

For early checkpoints that are there to be looked at. What is lost is at most half a step of each weight.
"""

import json
from dataclasses import asdict
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from core.gpt import GPTModel
from core.weights import from_book_state, read_config

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


def load_int8(path: Path) -> GPTModel:
    """The model of such a file."""
    with safe_open(path, framework="pt") as file:
        config = read_config(file.metadata()["glassbox"])
    tensors = load_file(path)
    scales = {name: tensors.pop(name) for name in list(tensors) if name.endswith(STEP)}
    state = {name: tensor * scales.get(name + STEP, 1) for name, tensor in tensors.items()}
    return from_book_state(config, state)
