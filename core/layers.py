"""The parts of a transformer block: LayerNorm, activations, feed-forward, the block itself (book 4.2-4.5)."""

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.attention import MultiHeadAttention
from core.config import GPTConfig
from core.kv_cache import KVCache
from core.linear import Linear
from core.quick_gelu import quick_gelu_tanh
from core.trace import Tap, no_tap, within


def mean_and_variance(x: Tensor, *, unbiased: bool = False) -> tuple[Tensor, Tensor]:
    """Mean and variance of each token's vector: (..., C) -> two of (..., 1).

    The squares are averaged over C numbers, as in GPT-2, or with `unbiased` divided by C - 1.
    """
    if x.shape[-1] <= unbiased:
        raise ValueError(f"{x.shape[-1]} number(s): a variance divided by C - 1 needs at least 2")
    return x.mean(dim=-1, keepdim=True), x.var(dim=-1, keepdim=True, unbiased=unbiased)


def layer_norm(
    x: Tensor, scale: Tensor, shift: Tensor, eps: float = 1e-5, *, unbiased: bool = False
) -> Tensor:
    """Give each token's vector mean 0 and variance 1, then stretch and move it (book 4.2).

    The readable twin of what LayerNorm runs; a test keeps them equal. (..., C) -> (..., C).
    """
    mean, variance = mean_and_variance(x, unbiased=unbiased)
    return scale * (x - mean) / torch.sqrt(variance + eps) + shift


class LayerNorm(nn.Module):
    """Layer normalisation over the width, each token by itself, with a learned scale and shift (book 4.2)."""

    def __init__(self, emb_dim: int, eps: float = 1e-5) -> None:
        super().__init__()
        self.eps = eps
        self.scale = nn.Parameter(torch.ones(emb_dim))
        self.shift = nn.Parameter(torch.zeros(emb_dim))

    def forward(self, x: Tensor) -> Tensor:  # (..., C) -> (..., C)
        return F.layer_norm(x, self.scale.shape, self.scale, self.shift, self.eps)


def gelu(x: Tensor) -> Tensor:
    """x times the chance that a standard normal number lies below x (Hendrycks & Gimpel 2016)."""
    return 0.5 * x * (1.0 + torch.erf(x / math.sqrt(2.0)))


def gelu_tanh(x: Tensor) -> Tensor:
    """GELU as GPT-2 computes it, with a tanh instead of the exact integral (book 4.3)."""
    return 0.5 * x * (1.0 + torch.tanh(math.sqrt(2.0 / math.pi) * (x + 0.044715 * x**3)))


def relu(x: Tensor) -> Tensor:
    """Keep what is positive, cut the rest to zero."""
    return x.clamp(min=0.0)


def silu(x: Tensor) -> Tensor:
    """x times its sigmoid, also called swish (Ramachandran et al. 2017)."""
    return x * torch.sigmoid(x)


ACTIVATION_FUNCTIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "gelu": gelu,
    "gelu_tanh": gelu_tanh,
    "relu": relu,
    "silu": silu,
}
FAST_ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {  # the library's twins; a test keeps them equal
    "gelu": F.gelu,
    "gelu_tanh": quick_gelu_tanh,
    "relu": F.relu,
    "silu": F.silu,
}


class Activation(nn.Module):
    """One of the functions above, chosen by its name."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def forward(self, x: Tensor) -> Tensor:  # any shape, kept
        return FAST_ACTIVATIONS[self.name](x)


class FeedForward(nn.Module):
    """Each token by itself: expand from C to U numbers (in GPT-2 4C), bend, contract (book 4.3)."""

    def __init__(self, config: GPTConfig, *, generator: torch.Generator | None = None) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            Linear(config.emb_dim, config.hidden_dim, generator=generator),
            Activation(config.activation),
            Linear(config.hidden_dim, config.emb_dim, generator=generator),
        )

    def forward(self, x: Tensor, tap: Tap = no_tap) -> Tensor:  # (B, T, C) -> (B, T, C)
        expand, bend, contract = self.layers
        hidden = tap("hidden", expand(x))  # (B, T, U)
        activated = tap("activated", bend(hidden))  # (B, T, U)
        return tap("out", contract(activated))


class TransformerBlock(nn.Module):
    """Attention lets tokens exchange what they know, the feed-forward layer digests it (book 4.5)."""

    def __init__(self, config: GPTConfig, *, generator: torch.Generator | None = None) -> None:
        super().__init__()
        self.config = config
        self.att = MultiHeadAttention(config, generator=generator)
        self.ff = FeedForward(config, generator=generator)
        self.norm1 = nn.Identity() if config.norm == "none" else LayerNorm(config.emb_dim, config.norm_eps)
        self.norm2 = nn.Identity() if config.norm == "none" else LayerNorm(config.emb_dim, config.norm_eps)
        self.drop_shortcut = nn.Dropout(config.drop_rate)

    def forward(  # (B, T, C) -> (B, T, C)
        self, x: Tensor, tap: Tap = no_tap, cache: KVCache | None = None, layer: int = 0
    ) -> Tensor:
        x = tap("resid_in", x)
        if self.config.norm == "post":  # Vaswani et al. 2017: normalise the sum
            x = tap("resid_mid", self.shortcut(x, self.att(x, within(tap, "attn"), cache, layer)))
            x = tap("norm1", self.norm1(x))
            x = tap("norm2", self.norm2(self.shortcut(x, self.ff(x, within(tap, "ffn")))))
        else:  # GPT-2: normalise what a layer reads, and leave the stream itself alone
            normed = tap("norm1", self.norm1(x))
            x = tap("resid_mid", self.shortcut(x, self.att(normed, within(tap, "attn"), cache, layer)))
            normed = tap("norm2", self.norm2(x))
            x = self.shortcut(x, self.ff(normed, within(tap, "ffn")))
        return tap("resid_out", x)

    def shortcut(self, x: Tensor, layer_out: Tensor) -> Tensor:
        """Add the layer's input to its output, so that gradients have a way around it (book 4.4)."""
        if self.training:
            layer_out = self.drop_shortcut(layer_out)
        return x + layer_out if self.config.residual else layer_out
