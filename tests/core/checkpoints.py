"""Checkpoints of other programs, made for real, and a reader of pickles without the child process."""

import subprocess
from pathlib import Path
from typing import Any

import torch
from torch import nn

from core import nanogpt_meta, unpickle
from core.child import last_words
from tests.core.nanogpt_reference import NanoGPT

MODULES = {"core.unpickle": unpickle, "core.nanogpt_meta": nanogpt_meta}
NANOGPT = {"n_layer": 2, "n_head": 3, "n_embd": 24, "block_size": 12, "vocab_size": 40}


def enliven(model: nn.Module, seed: int = 1) -> nn.Module:
    """Large random weights and biases, so that no part of the model can be lost unnoticed."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.3 * torch.randn(parameter.shape, generator=generator)
    return model.eval()


def save_nanogpt(path: Path, *, bias: bool, prefix: str = "", **model_args: Any) -> NanoGPT:
    """A ckpt.pt as nanoGPT's train.py writes it."""
    model = enliven(NanoGPT(bias=bias, **NANOGPT))
    optimizer = torch.optim.AdamW(model.parameters())
    optimizer.zero_grad()
    model(torch.tensor([[1, 2]])).sum().backward()
    optimizer.step()
    checkpoint = {
        "model": {prefix + name: x for name, x in model.state_dict().items()},
        "optimizer": optimizer.state_dict(),
        "model_args": NANOGPT | {"bias": bias, "dropout": 0.0} | model_args,
        "iter_num": 7,
        "best_val_loss": torch.tensor(1.5),
        "config": {"out_dir": "out", "dtype": "float32"},
    }
    torch.save(checkpoint, path)
    return model


def convert_here(command: list[str], **kwargs: Any) -> subprocess.CompletedProcess[str]:
    """What the child process does, in this one: seconds faster, for files that the test itself has made."""
    try:
        MODULES[command[-3]].convert(*command[-2:])
    except Exception as error:
        return subprocess.CompletedProcess(command, 1, "", last_words(error))
    return subprocess.CompletedProcess(command, 0, "", "")
