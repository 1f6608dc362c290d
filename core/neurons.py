"""The hidden neurons of the feed-forward layers: what fires them, what they add, and that tokens are apart.

A neuron is one of the U hidden numbers between the two linear layers. Its row of the first layer says what it
looks for, its column of the second what it writes when it fires (Geva et al. 2021).
"""

from typing import NamedTuple

import torch
from torch import Tensor

from core.gpt import GPTModel
from core.trace import Tap, chain, no_tap, within


class Firing(NamedTuple):
    """Where each neuron of each layer was highest in a text of N tokens, and how often it was above 0."""

    values: Tensor  # (L, U, K) the number before the bend, highest first
    places: Tensor  # (L, U, K) at which token, counted through the whole text
    above: Tensor  # (L, U) at how many tokens it was above 0
    tokens: int  # N

    @property
    def dead(self) -> Tensor:
        """Which neurons were never above 0: under ReLU they would give 0 and learn nothing, (L, U)."""
        return self.above == 0


class Highest:
    """A tap that keeps each neuron's k highest values of all the texts that pass through."""

    def __init__(self, k: int) -> None:
        self.k, self.seen = k, 0  # tokens of the batches before this one
        self.found: dict[int, tuple[Tensor, Tensor, Tensor]] = {}

    def __call__(self, name: str, x: Tensor) -> Tensor:
        """Merge one batch of one layer, (B, T, U), into what is kept of it."""
        if name.endswith(".ffn.hidden"):
            layer, hidden = int(name.split(".")[1]), x.flatten(0, 1)  # (B * T, U)
            places = torch.arange(self.seen, self.seen + len(hidden), device=x.device)
            places = places.expand(hidden.shape[1], -1)  # (4C, B * T)
            before = self.found.get(layer, (hidden.new_empty(0), places.new_empty(0), 0))
            self.found[layer] = (*self.merged(before, hidden.T, places), before[2] + (hidden > 0).sum(dim=0))
        return x

    def merged(self, before: tuple, values: Tensor, places: Tensor) -> tuple[Tensor, Tensor]:
        """The k highest of those kept and of new ones, (U, N), each with its place."""
        if before[0].numel():
            values, places = (torch.cat(pair, dim=1) for pair in ((before[0], values), (before[1], places)))
        best = values.topk(min(self.k, values.shape[1]), dim=1)
        return best.values, places.gather(1, best.indices)


@torch.inference_mode()
def firing(model: GPTModel, windows: Tensor, k: int = 12, tap: Tap = no_tap, rows: int = 4) -> Firing:
    """Read a text, cut into windows (W, T), a few rows at a time, and keep what fires each neuron most.

    Only k places of each neuron are kept, never all numbers: a text of any length takes the same memory.
    """
    highest = Highest(k)
    for some in windows.split(rows):
        model.final_vectors(some, chain(tap, highest))
        highest.seen += some.numel()
    values, places, above = (
        torch.stack([highest.found[layer][part] for layer in range(model.config.n_layers)])
        for part in range(3)
    )
    return Firing(values, places, above, highest.seen)


@torch.inference_mode()
def written_by_neurons(model: GPTModel, layer: int, activated: Tensor) -> Tensor:
    """What each neuron adds to the stream, its number times its column: activated (U,) -> (U, C).

    Their sum, and the second layer's bias, are the layer's output for this token.
    """
    contract = model.trf_blocks[layer].ff.layers[2]
    return activated[:, None] * contract.weight.T  # (U, C)


class Moved(NamedTuple):
    """How far each token's output of a layer moved: root mean square over the width, (T,) each."""

    attention: Tensor
    feed_forward: Tensor


@torch.inference_mode()
def moved_by_one(
    model: GPTModel, layer: int, streams: tuple[Tensor, Tensor], place: int, source: int, tap: Tap = no_tap
) -> Moved:
    """Give the token at `place` the vector of the one at `source`: whose outputs move?

    streams: what enters the layer's attention and its feed-forward, (T, C) each, before any norm of theirs.
    """
    block, moved = model.trf_blocks[layer], []
    before_norm = block.config.norm == "post"  # then the norm stands behind the layer, not before it
    for part, norm, name, x in zip(
        (block.att, block.ff), (block.norm1, block.norm2), ("attn", "ffn"), streams, strict=True
    ):
        changed = x.clone()
        changed[place] = x[source]
        inputs = [one[None] if before_norm else norm(one[None]) for one in (x, changed)]
        was, now = (part(one, within(within(tap, f"blocks.{layer}"), name)) for one in inputs)  # (1, T, C)
        moved.append((now - was)[0].pow(2).mean(dim=-1).sqrt())
    return Moved(*moved)
