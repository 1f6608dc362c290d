"""One more token, fast: the forward pass of `core/gpt.py` for a single row, written out flat.

When a model writes, each step computes one row of each matrix product, and most of the time goes into getting
there: calling modules, splitting, copying. Here a block is some twenty calls of the library and nothing else.
The readable twin is `GPTModel.forward` with a cache; a test keeps their logits equal. In half precision, and
more so in whole steps of eight bits, weights take less time on their way from memory, and a large model waits
for nothing else.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core import wide
from core.config import check_choice
from core.gpt import GPTModel
from core.int8 import to_int8
from core.kv_cache import KVCache
from core.layers import FAST_ACTIVATIONS, LayerNorm, TransformerBlock
from core.linear import Linear
from core.positions import wave_angles

Product = Callable[..., Tensor]  # a row (C_in,) -> (C_out,), into `out` if that is given


class Row(NamedTuple):
    """What a block does to one row."""

    norm1: Product
    query: Product
    key: Product
    value: Product
    out_proj: Product
    norm2: Product
    expand: Product
    bend: Product
    contract: Product


class Decoder:
    """Reads one token after what a cache remembers. Float32 weights are the model's own, others are copies.

    ValueError for weights that are none of `PRODUCTS`, or for a model that `suits` refuses.
    """

    def __init__(self, model: GPTModel, weights: str = "float32") -> None:
        check_choice("weights", weights, tuple(PRODUCTS))
        if not suits(model):
            raise ValueError("only a plain GPT, normalised before its layers, is decoded row by row")
        self.config, self.weights = model.config, weights
        self.tokens, self.positions = model.tok_emb.weight, every_position(model)
        self.turns = every_turn(model) if model.config.position == "rotary" else None
        self.rows = [row_of(block, PRODUCTS[weights]) for block in model.trf_blocks]
        self.final_norm = norm_of(model.final_norm)
        self.head = PRODUCTS[weights](model.out_head)

    @torch.inference_mode()
    def __call__(self, token: int, cache: KVCache) -> Tensor:
        """The scores for what follows this token, which the cache then remembers, too: (V,)."""
        start = cache.length
        x = self.tokens[token] + self.positions[start]  # (C,)
        for row, keys, values in zip(self.rows, cache.keys, cache.values, strict=True):
            x = x + self.attend(row, row.norm1(x), keys, values, start)
            x = x + row.contract(row.bend(row.expand(row.norm2(x))))
        cache.length += 1
        return self.head(self.final_norm(x))

    def attend(self, row: Row, normed: Tensor, keys: Tensor, values: Tensor, start: int) -> Tensor:
        """The one query against all keys so far; its own key and value go straight into the cache: (C,)."""
        if self.turns is None:
            queries = row.query(normed)
            row.key(normed, out=keys[0, :, start].flatten())
        else:
            queries, keys[0, :, start] = self.turned(row.query(normed), row.key(normed), start)
        row.value(normed, out=values[0, :, start].flatten())
        context = F.scaled_dot_product_attention(
            queries.view(1, self.config.n_heads, 1, self.config.head_dim),
            keys[:, :, : start + 1],
            values[:, :, : start + 1],
            scale=None if self.config.scale_scores else 1.0,
        )
        return row.out_proj(context.view(self.config.emb_dim))

    def turned(self, query: Tensor, key: Tensor, position: int) -> Tensor:
        """Query and key turned by their position's angles, as `rotate` does: (C,), (C,) -> (2, H, D)."""
        both = torch.stack((query, key)).view(2, self.config.n_heads, self.config.head_dim)
        along, across = self.turns[:, position]
        return torch.addcmul(both * along, both.roll(self.config.head_dim // 2, dims=-1), across)


def suits(model: GPTModel) -> bool:
    """Whether a model is the plain one of the book and GPT-2, without adapters beside its layers."""
    config = model.config
    plain = config.norm == "pre" and config.residual and config.causal
    return plain and all(type(part) is Linear for part in model.modules() if isinstance(part, nn.Linear))


@torch.no_grad()
def every_position(model: GPTModel) -> Tensor:
    """What the model adds at each position: (T, C)."""
    if model.config.position == "learned":
        return model.pos_emb.weight
    return model.position_vectors(torch.arange(model.config.context_length, device=model.device))


def every_turn(model: GPTModel) -> Tensor:
    """Cosines, and sines with the sign that belongs to each half, for every position: (2, T, D)."""
    positions = torch.arange(model.config.context_length, device=model.device)
    angles = wave_angles(positions, model.config.head_dim // 2)  # (T, D/2)
    sines = angles.sin()
    return torch.stack((angles.cos().repeat(1, 2), torch.cat((-sines, sines), dim=1)))


def row_of(block: TransformerBlock, product: Callable[[Linear], Product]) -> Row:
    """The parts of a block, ready for one row."""
    attention, (expand, _, contract) = block.att, block.ff.layers
    return Row(
        norm_of(block.norm1),
        product(attention.W_query),
        product(attention.W_key),
        product(attention.W_value),
        product(attention.out_proj),
        norm_of(block.norm2),
        product(expand),
        FAST_ACTIVATIONS[block.config.activation],
        product(contract),
    )


def norm_of(norm: LayerNorm) -> Product:
    """A layer norm without the way through its module."""
    width = tuple(norm.scale.shape)
    return lambda x: torch.layer_norm(x, width, norm.scale, norm.shift, norm.eps)


def in_float32(layer: Linear) -> Product:
    """The layer's own weights; from large matrices the faster of two libraries reads (`core/wide.py`)."""
    if layer.weight.numel() >= wide.LARGE and wide.here():
        return around(lambda x: wide.product(x[None], layer.weight)[0], layer.bias)
    if layer.bias is None:
        return partial(torch.mv, layer.weight)
    return partial(torch.addmv, layer.bias, layer.weight)


def in_float16(layer: Linear) -> Product:
    """A copy in half precision: half the bytes, three digits of each weight."""
    weight = layer.weight.detach().half()
    return around(lambda x: torch.mv(weight, x.half()), layer.bias)


def in_bfloat16(layer: Linear) -> Product:
    """A copy in half the bytes with float32's range and two digits, in the order in which it is read."""
    weight = wide.in_order(layer.weight.detach().bfloat16())
    if weight.is_mkldnn:
        return around(lambda x: wide.product(x.bfloat16()[None], weight)[0], layer.bias)
    return around(lambda x: torch.mv(weight, x.bfloat16()), layer.bias)


def in_int8(layer: Linear) -> Product:
    """A copy in whole steps, a size of step for each row: a quarter of the bytes (`core/int8.py`)."""
    steps, size = to_int8(layer.weight.detach())
    size = size[:, 0].bfloat16()
    multiply = torch.ops.aten._weight_int8pack_mm
    return around(lambda x: multiply(x.bfloat16()[None], steps, size)[0], layer.bias)


def around(multiply: Callable[[Tensor], Tensor], bias: Tensor | None) -> Product:
    """A product whose rows are float32 before and after, whatever it takes and gives: with its bias."""

    def product(x: Tensor, out: Tensor | None = None) -> Tensor:
        found = multiply(x)
        found = found.float() if bias is None else bias + found
        return found if out is None else out.copy_(found)

    return product


PRODUCTS: dict[str, Callable[[Linear], Product]] = {
    "float32": in_float32,
    "float16": in_float16,
    "bfloat16": in_bfloat16,
    "int8": in_int8,
}
