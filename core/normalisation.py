"""What layer normalisation is for: a GPT with norms before its layers, after them or nowhere (book 4.2)."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.config import GPTConfig, check_whole_number
from core.gpt import GPTModel, build_model, with_switches
from core.gradients import multiply_weights
from core.layers import LayerNorm, layer_norm
from core.trace import Tap, Trace

WIDTH = 64  # numbers a token; small, so that three networks answer a slider at once
MOST_BLOCKS, MOST_TOKENS = 24, 32


@dataclass(frozen=True, slots=True, kw_only=True)
class UntrainedStack:
    """An untrained GPT, and how loud its weights and its input are."""

    depth: int  # blocks
    gain: float = 1.0  # times the blocks' usual starting weights
    volume: float = 1.0  # times the vectors that enter the first block

    def __post_init__(self) -> None:
        """Refuse what would take too long."""
        check_whole_number("depth", self.depth)
        if self.depth > MOST_BLOCKS:
            raise ValueError(f"depth {self.depth} is more than {MOST_BLOCKS}: an answer should come at once")


def stream_by_depth(norm: str, ids: Sequence[int], stack: UntrainedStack) -> list[float]:
    """Size (root mean square) of the residual stream as it enters, and after each block: depth + 1 numbers.

    `norm` is "pre", "post" or "none"; the weights are the same for all three. The ids only say which tokens
    are equal: an untrained row is as good as any other.
    """
    if not 1 <= len(ids) <= MOST_TOKENS:
        raise ValueError(f"{len(ids)} tokens: this network reads 1 to {MOST_TOKENS}")
    _, rows = torch.tensor(ids).unique(return_inverse=True)  # (T,)
    config = GPTConfig(
        vocab_size=len(rows),
        context_length=MOST_TOKENS,
        emb_dim=WIDTH,
        n_layers=stack.depth,
        drop_rate=0.0,
        tie_weights=True,
        norm=norm,
    )
    model = build_model(config)
    multiply_weights(model.trf_blocks, stack.gain)
    multiply_weights([model.tok_emb, model.pos_emb], stack.volume)
    trace = Trace()
    with torch.inference_mode():
        model.final_vectors(rows[None], trace)
    return [size(x) for x in (trace["embedded"], *trace.stacked("resid_out"))]


def size(x: Tensor) -> float:
    """Root mean square of all numbers."""
    return x.double().square().mean().sqrt().item()


def without_norms() -> Tap:
    """A tap that takes the norms out of a model with norms before its layers: each reads the bare stream.

    It remembers the stream of one forward pass: make a new one for the next.
    """
    streams: list[Tensor] = []

    def skip(name: str, x: Tensor) -> Tensor:
        part = name.rsplit(".", 1)[-1]
        if part in ("resid_in", "resid_mid", "resid_out"):
            streams[:] = [x]
        return streams[0] if part in ("norm1", "norm2", "final_norm") else x

    return skip


class UnbiasedNorm(nn.Module):
    """A norm of a model, its variance divided by C - 1 instead of C."""

    def __init__(self, norm: LayerNorm) -> None:
        super().__init__()
        self.norm = norm

    def forward(self, x: Tensor) -> Tensor:  # (..., C) -> (..., C)
        return layer_norm(x, self.norm.scale, self.norm.shift, self.norm.eps, unbiased=True)


def with_unbiased_norms(model: GPTModel) -> GPTModel:
    """The same weights, shared, with C - 1 in every norm. ValueError for a model without norms."""
    twin = with_switches(model, model.config)
    owners = [(block, name) for block in twin.trf_blocks for name in ("norm1", "norm2")]
    owners = [pair for pair in (*owners, (twin, "final_norm")) if isinstance(getattr(*pair), LayerNorm)]
    if not owners:
        raise ValueError("this model was trained without norms: there is no variance to divide")
    for owner, name in owners:
        setattr(owner, name, UnbiasedNorm(getattr(owner, name)))
    return twin
