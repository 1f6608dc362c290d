"""Read the model's mind half-way: what it would say after each block, and which part said it.

The logit lens (nostalgebraist 2020) sends the residual stream of any depth through the final norm and the
output layer, as if the model ended there. Direct logit attribution (Elhage et al. 2021, A Mathematical
Framework for Transformer Circuits) takes one logit apart into what the embedding and each layer add to it.
"""

from collections.abc import Callable, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

from core.gpt import GPTModel
from core.layers import LayerNorm

Tensors = Mapping[str, Tensor]  # a Trace, or anything with its names


def read_out(model: GPTModel, stream: Tensor) -> Tensor:
    """What the model would say if it ended here: (..., C) -> logits (..., V).

    With `norm="post"` there is no final norm: blocks hand on normalised vectors, the embedding does not.
    """
    return model.out_head(model.final_norm(stream))


def row_of(model: GPTModel, token: int) -> Tensor:
    """The row of the output matrix whose dot product with a final vector is this token's logit: (C,)."""
    return model.out_head.weight[token]


def last_stream(model: GPTModel, trace: Tensors) -> Tensor:
    """The residual stream as it leaves the last block: (B, T, C)."""
    return trace[f"blocks.{model.config.n_layers - 1}.resid_out"]


def additions(model: GPTModel, trace: Tensors) -> dict[str, Tensor]:
    """Everything that was put into the residual stream, in order, each (B, T, C).

    Their sum leaves the last block. ValueError for a model whose stream is no such sum.
    """
    if model.config.norm == "post":
        raise ValueError("this model normalises the stream after each layer: it is no sum of layers")
    if not model.config.residual:
        raise ValueError("this model has no residual connections: each layer replaces the stream")
    parts = {"token": trace["tok_emb"], "position": trace["pos_emb"].expand_as(trace["tok_emb"])}
    for layer in range(model.config.n_layers):
        parts[f"blocks.{layer}.attn"] = trace[f"blocks.{layer}.attn.out"]
        parts[f"blocks.{layer}.ffn"] = trace[f"blocks.{layer}.ffn.out"]
    return parts


def head_additions(model: GPTModel, trace: Tensors, layer: int) -> Tensor:
    """What each head of a layer adds; with the output bias they make the layer's sum: (B, H, T, C)."""
    config = model.config
    slices = model.trf_blocks[layer].att.out_proj.weight.unflatten(1, (config.n_heads, config.head_dim))
    return torch.einsum("bhtd,chd->bhtc", trace[f"blocks.{layer}.attn.context"], slices)


def frozen_norm(model: GPTModel, stream: Tensor) -> Callable[[Tensor], Tensor]:
    """The final norm as it acts on this stream (..., C), its divisor held fast: then it is linear.

    Each part can go through by itself, and the parts still add up to the whole, but for the norm's shift.
    """
    norm = model.final_norm
    if not isinstance(norm, LayerNorm):
        return lambda part: part
    divisor = torch.sqrt(stream.var(dim=-1, keepdim=True, unbiased=False) + norm.eps)
    return lambda part: norm.scale * (part - part.mean(dim=-1, keepdim=True)) / divisor


@torch.inference_mode()
def contributions(model: GPTModel, trace: Tensors, place: int, token: int) -> dict[str, float]:
    """What each part of the model adds to one token's logit at one place of a text; the sum is the logit.

    "token" and "position" are the embedding's, "edits" is what taps have put into the stream between layers,
    "end" is what the final norm's shift gives every text alike.
    """
    direction = row_of(model, token).double()
    parts = {name: part[0, place].double() for name, part in additions(model, trace).items()}
    stream = last_stream(model, trace)[0, place].double()
    parts["edits"] = stream - sum(parts.values())
    norm = frozen_norm(model, stream)
    found = {name: float(norm(part) @ direction) for name, part in parts.items()}
    shift = getattr(model.final_norm, "shift", None)
    bias = 0.0 if model.out_head.bias is None else float(model.out_head.bias[token])
    return found | {"end": bias if shift is None else float(shift.double() @ direction) + bias}


@torch.inference_mode()
def head_contributions(model: GPTModel, trace: Tensors, place: int, token: int) -> Tensor:
    """What each head adds to one token's logit: (L, H). A layer's heads leave out its output bias."""
    additions(model, trace)  # refuses a stream that is no sum
    norm = frozen_norm(model, last_stream(model, trace)[0, place])
    layers = range(model.config.n_layers)
    heads = torch.stack([head_additions(model, trace, layer)[0, :, place] for layer in layers])  # (L, H, C)
    return norm(heads) @ row_of(model, token)


@torch.inference_mode()
def losses_along(model: GPTModel, vectors: Tensor, targets: Tensor, rows: int = 64) -> Tensor:
    """Surprise in nats at each target (T,), from final vectors (T, C), a few rows at a time: -> (T,)."""
    pairs = zip(vectors.split(rows), targets.split(rows), strict=True)
    found = [F.cross_entropy(model.out_head(some), right, reduction="none") for some, right in pairs]
    return torch.cat(found) if found else vectors.new_empty(0)
