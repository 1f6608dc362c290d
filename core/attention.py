"""Causal self-attention: each token asks, earlier tokens answer, and the answers are mixed (book 3.3-3.6)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.config import GPTConfig
from core.kv_cache import KVCache
from core.linear import Linear
from core.positions import rotate
from core.trace import Tap, no_tap


def scale_scores(scores: Tensor, head_dim: int) -> Tensor:
    """Divide by sqrt(D): a dot product of D random numbers grows like sqrt(D), and softmax would saturate."""
    return scores / head_dim**0.5


def future_mask(n_queries: int, n_keys: int, device: torch.device | None = None) -> Tensor:
    """True where a key lies after its query; the last query is the last key: (Tq, Tk) of bool."""
    ones = torch.ones(n_queries, n_keys, dtype=torch.bool, device=device)
    return ones.triu(diagonal=1 + n_keys - n_queries)


def mask_future(scores: Tensor) -> Tensor:
    """Add minus infinity to the score of every later token, so that softmax gives it exactly 0."""
    future = future_mask(*scores.shape[-2:], device=scores.device)
    return scores + torch.zeros_like(future, dtype=scores.dtype).masked_fill_(future, float("-inf"))


def tempered(temperature: float) -> Tap:
    """A tap that divides the scores of every head once more before softmax: below 1 fewer tokens get all.

    At 1 nothing is changed. ValueError for what no score can be divided by.
    """
    if not 0 < temperature < float("inf"):
        raise ValueError(f"softmax temperature is {temperature}: it must be a number above 0")
    if temperature == 1:
        return no_tap
    return lambda name, x: x / temperature if name.endswith("attn.scaled") else x


def causal_scores(
    queries: Tensor, keys: Tensor, *, causal: bool = True, scale: bool = True, tap: Tap = no_tap
) -> Tensor:
    """How well each query matches each key, scaled, the future hidden (book 3.5).

    queries (B, H, Tq, D), keys (B, H, Tk, D) -> scores (B, H, Tq, Tk), ready for softmax.
    """
    scores = tap("scores", queries @ keys.transpose(-2, -1))  # (B, H, Tq, Tk): all at once
    if scale:
        scores = scale_scores(scores, queries.shape[-1])
    scores = tap("scaled", scores)
    if causal:
        scores = mask_future(scores)
    return tap("masked", scores)


class MultiHeadAttention(nn.Module):
    """Several attention heads side by side, each in its own slice of the width (book 3.6.2)."""

    def __init__(self, config: GPTConfig, *, generator: torch.Generator | None = None) -> None:
        super().__init__()
        self.config = config
        C = config.emb_dim
        self.W_query = Linear(C, C, bias=config.qkv_bias, generator=generator)
        self.W_key = Linear(C, C, bias=config.qkv_bias, generator=generator)
        self.W_value = Linear(C, C, bias=config.qkv_bias, generator=generator)
        self.out_proj = Linear(C, C, generator=generator)

    def forward(  # (B, T, C) -> (B, T, C)
        self, x: Tensor, tap: Tap = no_tap, cache: KVCache | None = None, layer: int = 0
    ) -> Tensor:
        queries, keys, values = self.queries_keys_values(x, tap, start=cache.length if cache else 0)
        if cache is not None:
            keys, values = cache.extend(layer, keys, values)  # (B, H, Tk, D): all tokens so far
        if tap is no_tap:
            context = self.fused(queries, keys, values)  # (B, H, T, D)
        else:
            context = tap("context", self.explicit(queries, keys, values, tap))  # (B, H, T, D)
        joined = context.transpose(1, 2).flatten(2)  # (B, T, C): the heads side by side again
        return tap("out", self.out_proj(joined))

    def queries_keys_values(self, x: Tensor, tap: Tap, start: int = 0) -> tuple[Tensor, Tensor, Tensor]:
        """What each token asks, what it offers to be found by, and what it says when found: (B, H, T, D)."""
        queries, keys, values = (self.split_heads(W(x)) for W in (self.W_query, self.W_key, self.W_value))
        if self.config.position == "rotary":
            positions = torch.arange(start, start + x.shape[1], device=x.device)
            queries, keys = rotate(queries, positions), rotate(keys, positions)
        return tap("queries", queries), tap("keys", keys), tap("values", values)

    def split_heads(self, x: Tensor) -> Tensor:
        """Cut the width into heads and put the heads before the tokens: (B, T, C) -> (B, H, T, D)."""
        return x.unflatten(2, (self.config.n_heads, self.config.head_dim)).transpose(1, 2)

    def explicit(self, queries: Tensor, keys: Tensor, values: Tensor, tap: Tap) -> Tensor:
        """Attention step by step, each stage shown to the tap: -> context (B, H, T, D)."""
        causal, scale = self.config.causal, self.config.scale_scores
        scores = causal_scores(queries, keys, causal=causal, scale=scale, tap=tap)  # (B, H, Tq, Tk)
        weights = tap("weights", scores.softmax(dim=-1))  # each row sums to 1; seen before dropout
        if self.training:
            weights = F.dropout(weights, self.config.drop_rate)
        return weights @ values

    def fused(self, queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
        """The same in one library call, for when nobody watches: -> context (B, H, T, D)."""
        n_queries, n_keys = queries.shape[2], keys.shape[2]
        square = n_queries == n_keys
        mask = None
        if self.config.causal and not square and n_queries > 1:
            mask = ~future_mask(n_queries, n_keys, queries.device)
        return F.scaled_dot_product_attention(
            queries,
            keys,
            values,
            attn_mask=mask,
            dropout_p=self.config.drop_rate if self.training else 0.0,
            is_causal=self.config.causal and square,
            scale=None if self.config.scale_scores else 1.0,
        )
