"""Models of other programs, made by these programs themselves: small, with large random weights."""

import pickle
from pathlib import Path

import torch
from llms_from_scratch.ch04 import GPTModel as BookGPT
from torch import nn

from tests.core.nanogpt_reference import NanoGPT

BOOK = {"vocab_size": 300, "context_length": 32, "emb_dim": 24, "n_heads": 3, "n_layers": 2, "drop_rate": 0.0}
NANOGPT = {"n_layer": 2, "n_head": 3, "n_embd": 24, "block_size": 32, "vocab_size": 27}
SIGNS = "\n abcdefghijklmnopqrstuvwxy"


def lively(model: nn.Module, seed: int = 1) -> nn.Module:
    """Large random weights, so that no part can be lost unnoticed."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.2 * torch.randn(parameter.shape, generator=generator)
    return model.eval()


def save_book(path: Path, seed: int = 1, classes: int = 0, **changes: object) -> nn.Module:
    """A .pth as the book's notebooks save it; with `classes`, as in chapter 6."""
    sizes = BOOK | {"qkv_bias": True} | changes
    model = BookGPT(sizes)
    if classes:
        model.out_head = nn.Linear(sizes["emb_dim"], classes)
    torch.save(lively(model, seed).state_dict(), path)
    return model


def save_nanogpt(path: Path, bias: bool = False) -> nn.Module:
    """A ckpt.pt as nanoGPT writes it, and the meta.pkl of its characters beside it."""
    model = lively(NanoGPT(bias=bias, **NANOGPT))
    content = {
        "model": model.state_dict(),
        "model_args": NANOGPT | {"bias": bias, "dropout": 0.0},
        "iter_num": 7,
    }
    torch.save(content, path)
    meta = {
        "vocab_size": len(SIGNS),
        "itos": dict(enumerate(SIGNS)),
        "stoi": {s: i for i, s in enumerate(SIGNS)},
    }
    (path.parent / "meta.pkl").write_bytes(pickle.dumps(meta))
    return model


def save_gpt2(folder: Path, **changes: int) -> nn.Module:
    """A folder as Hugging Face's transformers saves GPT-2."""
    from transformers import GPT2Config, GPT2LMHeadModel

    sizes = {"vocab_size": 50257, "n_positions": 64, "n_embd": 32, "n_layer": 2, "n_head": 4} | changes
    model = GPT2LMHeadModel(GPT2Config(**sizes, resid_pdrop=0.0)).eval()
    model.save_pretrained(folder)
    return model
