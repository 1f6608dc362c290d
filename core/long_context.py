"""Past the trained length: how well a model foretells tokens further back than any it has learned from.

A learned table of positions has no row there. Sines, rotations and no positions at all can be computed for
any place; whether the model knows what to do with them is another question (Press et al. 2021, ALiBi).
"""

from dataclasses import replace

import torch
import torch.nn.functional as F
from torch import Tensor

from core.anatomy import forward_flops
from core.config import GPTConfig
from core.gpt import GPTModel, with_switches


def stretched(model: GPTModel, context_length: int) -> GPTModel:
    """The same weights, told to read longer texts. A learned table has no more rows: that model stays."""
    if model.config.position == "learned":
        return model
    return with_switches(model, replace(model.config, context_length=context_length))


@torch.inference_mode()
def losses_by_position(model: GPTModel, windows: Tensor, at_once: int = 4) -> Tensor:
    """Mean surprise in nats at each place: windows (N, T + 1) of long -> (T,). `at_once` bounds the memory.

    ValueError, with the model's own sentence, for windows that are longer than it can read.
    """
    found = []
    for some in windows.split(at_once):
        logits = model(some[:, :-1])  # (B, T, V)
        found.append(F.cross_entropy(logits.transpose(1, 2), some[:, 1:], reduction="none"))  # (B, T)
    return torch.cat(found).mean(dim=0)


def spread_windows(ids: Tensor, length: int, count: int) -> Tensor:
    """At most `count` windows of length + 1 tokens, evenly spread over a text: (N, length + 1).

    ValueError for a text that has none.
    """
    most = len(ids) // (length + 1)
    if most < 1:
        raise ValueError(
            f"the text has {len(ids):,} tokens: {length + 1:,} are needed for {length:,} with one to foretell"
        )
    starts = torch.linspace(0, len(ids) - length - 1, min(count, most)).long()
    return ids[starts[:, None] + torch.arange(length + 1)]


def affordable(config: GPTConfig, length: int, flops: float) -> tuple[int, int]:
    """How many windows of which length can be read with so much work: (count, length), count at least 1.

    Shorter windows, if not even one is within it.
    """
    while length > 1 and forward_flops(config, 1, length) > flops:
        length //= 2
    return max(1, int(flops / forward_flops(config, 1, length))), length


def binned(losses: Tensor, bins: int) -> tuple[Tensor, Tensor]:
    """Neighbouring places together, as each by itself jumps: losses (T,) -> middles and means, (N,) each."""
    parts = losses.tensor_split(min(bins, len(losses)))
    sizes = torch.tensor([len(part) for part in parts], dtype=torch.float32)
    return sizes.cumsum(0) - sizes / 2, torch.stack([part.mean() for part in parts])
