"""Past the trained length: how well a model foretells tokens further back than any it has learned from.

A learned table of positions has no row there. Sines, rotations and no positions at all can be computed for
any place; whether the model knows what to do with them is another question (Press et al. 2021, ALiBi).
"""

from dataclasses import replace

import torch
from torch import Tensor

from core.anatomy import forward_flops
from core.config import GPTConfig
from core.gpt import GPTModel, with_switches
from core.lens import losses_along


def stretched(model: GPTModel, context_length: int) -> GPTModel:
    """The same weights, told to read longer texts. A learned table has no more rows: that model stays."""
    if model.config.position == "learned":
        return model
    return with_switches(model, replace(model.config, context_length=context_length))


@torch.inference_mode()
def losses_by_position(model: GPTModel, windows: Tensor) -> Tensor:
    """Mean surprise in nats at each place: windows (N, T + 1) of long -> (T,), a window at a time.

    ValueError, with the model's own sentence, for windows that are longer than it can read.
    """
    found = [losses_along(model, model.final_vectors(ids[None, :-1])[0], ids[1:]) for ids in windows]
    return torch.stack(found).mean(dim=0)


def overlapping_windows(ids: Tensor, length: int, count: int) -> Tensor:
    """At most `count` windows of length + 1 tokens from the middle of a text, each a quarter further on.

    So every word is asked for at four places, and neighbouring places are compared by much the same words.
    (N, length + 1). ValueError for a text that has none.
    """
    stride = max(1, length // 4)
    most = (len(ids) - length - 1) // stride + 1
    if len(ids) <= length:
        raise ValueError(
            f"the text has {len(ids):,} tokens: {length + 1:,} are needed for {length:,} with one to foretell"
        )
    count = min(count, most)
    first = (len(ids) - length - 1 - (count - 1) * stride) // 2
    return ids[first:].unfold(0, length + 1, stride)[:count]


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
    sizes = torch.tensor([len(part) for part in parts], dtype=torch.float32, device=losses.device)
    return sizes.cumsum(0) - sizes / 2, torch.stack([part.mean() for part in parts])
