"""GPT-2 in thirty lines, on a file's own tensors, under the file's own names.

Written from the papers (Vaswani et al. 2017; Radford et al. 2019), and not from core/gpt.py: where both give
the same logits, the tensors have found their places. One text at a time, nothing fused, nothing kept.
"""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor
from torch.nn import functional as F

Weights = Mapping[str, Tensor]
Bend = Callable[[Tensor], Tensor]


def gpt2_logits(w: Weights, ids: Tensor, n_heads: int, bend: Bend, *, turned: bool, scale: bool) -> Tensor:
    """Logits of GPT-2 as Hugging Face (turned=True) or nanoGPT (False) keeps it: ids (T,) -> (T, V)."""
    x = w["wte.weight"][ids].float() + w["wpe.weight"][: len(ids)].float()  # (T, C)
    for i in range(count_blocks(w, "h")):
        read = normalise(w, f"h.{i}.ln_1", x)
        q, k, v = multiply(w, f"h.{i}.attn.c_attn", read, turned).chunk(3, dim=-1)  # (T, C) each
        x = x + multiply(w, f"h.{i}.attn.c_proj", attend(q, k, v, n_heads, scale), turned)
        hidden = bend(multiply(w, f"h.{i}.mlp.c_fc", normalise(w, f"h.{i}.ln_2", x), turned))  # (T, 4C)
        x = x + multiply(w, f"h.{i}.mlp.c_proj", hidden, turned)
    x = normalise(w, "ln_f", x)
    head = next(name for name in ("score", "lm_head", "wte") if f"{name}.weight" in w)  # none: tied
    return multiply(w, head, x)


def book_logits(w: Weights, ids: Tensor, n_heads: int, bend: Bend, *, rotary: bool = False) -> Tensor:
    """Logits of the book's GPT, or a score for each class; positions are rows, or turns: (T,) -> (T, V)."""
    x = w["tok_emb.weight"][ids].float()  # (T, C)
    if "pos_emb.weight" in w:
        x = x + w["pos_emb.weight"][: len(ids)].float()
    for i in range(count_blocks(w, "trf_blocks")):
        block = f"trf_blocks.{i}"
        read = normalise(w, f"{block}.norm1", x)
        q, k, v = (multiply(w, f"{block}.att.W_{which}", read) for which in ("query", "key", "value"))
        x = x + multiply(w, f"{block}.att.out_proj", attend(q, k, v, n_heads, rotary=rotary))
        hidden = bend(multiply(w, f"{block}.ff.layers.0", normalise(w, f"{block}.norm2", x)))  # (T, 4C)
        x = x + multiply(w, f"{block}.ff.layers.2", hidden)
    x = normalise(w, "final_norm", x)
    return multiply(w, "out_head" if "out_head.weight" in w else "tok_emb", x)


def attend(q: Tensor, k: Tensor, v: Tensor, n_heads: int, scale: bool = True, rotary: bool = False) -> Tensor:
    """Every token takes from itself and from earlier ones, by softmax(Q K^T / sqrt(D)): (T, C) -> (T, C)."""
    q, k, v = (part.unflatten(1, (n_heads, -1)).transpose(0, 1) for part in (q, k, v))  # (H, T, D)
    if rotary:
        q, k = turn(q), turn(k)
    scores = q @ k.mT / (q.shape[-1] ** 0.5 if scale else 1.0)  # (H, T, T)
    is_later = torch.ones_like(scores, dtype=torch.bool).triu(1)
    weights = scores.masked_fill(is_later, -torch.inf).softmax(-1)
    return (weights @ v).transpose(0, 1).flatten(1)


def turn(x: Tensor) -> Tensor:
    """Number d of the first half and of the second are a point of the plane: turn it (Su et al. 2021)."""
    T, half = x.shape[1], x.shape[2] // 2  # (H, T, D)
    places, pairs = (torch.arange(number, device=x.device) for number in (T, half))
    angles = torch.outer(places, 10000.0 ** (-pairs / half))  # (T, D / 2)
    points = torch.complex(x[..., :half], x[..., half:]) * torch.polar(torch.ones_like(angles), angles)
    return torch.cat((points.real, points.imag), dim=-1)


def multiply(w: Weights, name: str, x: Tensor, turned: bool = False) -> Tensor:
    """x W^T + b; x W + b for a matrix that is kept as (in, out); without b where the file has none."""
    matrix = w[f"{name}.weight"].float()
    bias = w[f"{name}.bias"].float() if f"{name}.bias" in w else 0.0
    return x @ (matrix if turned else matrix.T) + bias


def normalise(w: Weights, name: str, x: Tensor) -> Tensor:
    """Mean 0 and variance 1 for each token, then the learned scale and shift: (T, C) -> (T, C)."""
    scale, shift = ("weight", "bias") if f"{name}.weight" in w else ("scale", "shift")
    variance, mean = torch.var_mean(x, dim=-1, correction=0, keepdim=True)
    x = (x - mean) / (variance + 1e-5).sqrt() * w[f"{name}.{scale}"].float()
    return x + w[f"{name}.{shift}"].float() if f"{name}.{shift}" in w else x


def count_blocks(w: Weights, prefix: str) -> int:
    """How many blocks the names number, from 0."""
    return len({name.split(".")[1] for name in w if name.startswith(f"{prefix}.")})


BENDS: dict[str, Bend] = {  # by the names of core/config.py
    "gelu": F.gelu,
    "gelu_tanh": lambda x: F.gelu(x, approximate="tanh"),
    "relu": F.relu,
    "silu": F.silu,
}
