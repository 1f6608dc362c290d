"""GPT-2 in thirty lines, on a file's own tensors, under the file's own names and by its own description.

Written from the papers (Vaswani et al. 2017; Radford et al. 2019), and not from core/gpt.py: where both give
the same logits, the tensors have found their places. One text at a time, nothing fused, nothing kept.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

Weights = Mapping[str, Tensor]
Bend = Callable[[Tensor], Tensor]
BENDS: dict[str, Bend] = {  # by the names of core/config.py
    "gelu": F.gelu,
    "gelu_tanh": lambda x: F.gelu(x, approximate="tanh"),
    "relu": F.relu,
    "silu": F.silu,
}
THEIR_BENDS: dict[str, Bend] = {  # by the names of transformers
    "gelu": F.gelu,
    "gelu_python": F.gelu,
    "gelu_new": BENDS["gelu_tanh"],
    "gelu_pytorch_tanh": BENDS["gelu_tanh"],
    "gelu_fast": BENDS["gelu_tanh"],
    "gelu_accurate": BENDS["gelu_tanh"],
    "relu": F.relu,
    "silu": F.silu,
    "swish": F.silu,
}


class Rules(NamedTuple):
    """What no tensor shows."""

    n_heads: int
    bend: Bend  # the activation function
    eps: float = 1e-5
    scale: bool = True  # scores divided by sqrt(D)
    rotary: bool = False
    turned: bool = False  # matrices are kept as (in, out)

    def as_described(self, facts: Mapping) -> "Rules":
        """These rules, but for what a config.json or nanoGPT's model_args states: read from it directly."""
        bend = facts.get("activation_function")
        return self._replace(
            n_heads=facts.get("n_head", self.n_heads),
            bend=THEIR_BENDS[bend] if bend else self.bend,
            eps=facts.get("layer_norm_epsilon", self.eps),
            scale=facts.get("scale_attn_weights", self.scale),
        )


def gpt2_logits(w: Weights, ids: Tensor, rules: Rules) -> Tensor:
    """Logits of GPT-2 as Hugging Face (rules.turned) or nanoGPT keeps it: ids (T,) -> (T, V)."""
    x = w["wte.weight"][ids].float() + w["wpe.weight"][: len(ids)].float()  # (T, C)
    for i in range(count_blocks(w, "h")):
        read = normalise(w, f"h.{i}.ln_1", x, rules.eps)
        q, k, v = multiply(w, f"h.{i}.attn.c_attn", read, rules.turned).chunk(3, dim=-1)  # (T, C) each
        x = x + multiply(w, f"h.{i}.attn.c_proj", attend(q, k, v, rules), rules.turned)
        read = normalise(w, f"h.{i}.ln_2", x, rules.eps)
        hidden = rules.bend(multiply(w, f"h.{i}.mlp.c_fc", read, rules.turned))  # (T, U)
        x = x + multiply(w, f"h.{i}.mlp.c_proj", hidden, rules.turned)
    x = normalise(w, "ln_f", x, rules.eps)
    head = next(name for name in ("score", "lm_head", "wte") if f"{name}.weight" in w)  # none: tied
    return multiply(w, head, x)


BOOK_NAMES = ("trf_blocks", "norm1", "att.W_", "att.out_proj", "norm2", "ff.layers", "final_norm", "out_head")
MINGPT_NAMES = ("blocks", "ln1", "attn.", "attn.proj", "ln2", "mlp", "ln_f", "head")  # of 2020


def book_logits(w: Weights, ids: Tensor, rules: Rules, names: tuple[str, ...] = BOOK_NAMES) -> Tensor:
    """Logits of the book's GPT, or a score for each class; positions are rows, or turns: (T,) -> (T, V)."""
    blocks, norm1, qkv, out, norm2, ff, final_norm, head = names
    x = w["tok_emb.weight"][ids].float()  # (T, C)
    if positions := {"pos_emb", "pos_emb.weight"} & set(w):
        x = x + w[positions.pop()].float().flatten(0, -2)[: len(ids)]  # minGPT's are (1, T, C)
    for i in range(count_blocks(w, blocks)):
        read = normalise(w, f"{blocks}.{i}.{norm1}", x, rules.eps)
        q, k, v = (multiply(w, f"{blocks}.{i}.{qkv}{which}", read) for which in ("query", "key", "value"))
        x = x + multiply(w, f"{blocks}.{i}.{out}", attend(q, k, v, rules))
        read = normalise(w, f"{blocks}.{i}.{norm2}", x, rules.eps)
        hidden = rules.bend(multiply(w, f"{blocks}.{i}.{ff}.0", read))  # (T, U)
        x = x + multiply(w, f"{blocks}.{i}.{ff}.2", hidden)
    x = normalise(w, final_norm, x, rules.eps)
    return multiply(w, head if f"{head}.weight" in w else "tok_emb", x)


def attend(q: Tensor, k: Tensor, v: Tensor, rules: Rules) -> Tensor:
    """Every token takes from itself and from earlier ones, by softmax(Q K^T / sqrt(D)): (T, C) -> (T, C)."""
    q, k, v = (part.unflatten(1, (rules.n_heads, -1)).transpose(0, 1) for part in (q, k, v))  # (H, T, D)
    if rules.rotary:
        q, k = turn(q), turn(k)
    scores = q @ k.mT / (q.shape[-1] ** 0.5 if rules.scale else 1.0)  # (H, T, T)
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


def normalise(w: Weights, name: str, x: Tensor, eps: float) -> Tensor:
    """Mean 0 and variance 1 for each token, then the learned scale and shift: (T, C) -> (T, C)."""
    scale, shift = ("weight", "bias") if f"{name}.weight" in w else ("scale", "shift")
    variance, mean = torch.var_mean(x, dim=-1, correction=0, keepdim=True)
    x = (x - mean) / (variance + eps).sqrt() * w[f"{name}.{scale}"].float()
    return x + w[f"{name}.{shift}"].float() if f"{name}.{shift}" in w else x


def count_blocks(w: Weights, prefix: str) -> int:
    """How many blocks the names number, from 0."""
    return len({name.split(".")[1] for name in w if name.startswith(f"{prefix}.")})
