"""Look inside a model, or change what happens there, through one explicit argument: the tap.

A tap is any function `tap(name, x) -> x`. The model calls it with every tensor worth seeing and goes on with
what it returns. Nothing is stored on the model, so a whole class can look into one model at the same time.
"""

from collections.abc import Callable, Collection

import torch
from torch import Tensor

from core.config import check_whole_number

Tap = Callable[[str, Tensor], Tensor]


def no_tap(name: str, x: Tensor) -> Tensor:
    """The default tap: keep nothing, change nothing."""
    return x


def within(tap: Tap, prefix: str) -> Tap:
    """A tap that puts `prefix.` before every name; no_tap stays no_tap, so that the fast path is kept."""
    if tap is no_tap:
        return no_tap
    return lambda name, x: tap(f"{prefix}.{name}", x)


def chain(*taps: Tap) -> Tap:
    """Several taps as one: each gets what the one before it returned."""
    taps = tuple(tap for tap in taps if tap is not no_tap)
    if not taps:
        return no_tap

    def chained(name: str, x: Tensor) -> Tensor:
        for tap in taps:
            x = tap(name, x)
        return x

    return chained


class Trace(dict[str, Tensor]):
    """A tap that remembers every tensor it sees, or only those named in `keep`, under its name."""

    def __init__(self, keep: Collection[str] | str | None = None) -> None:
        super().__init__()
        self.keep = None if keep is None else frozenset([keep] if isinstance(keep, str) else keep)

    def __call__(self, name: str, x: Tensor) -> Tensor:
        """Remember x and hand it on unchanged."""
        if self.keep is None or name in self.keep:
            self[name] = x.detach()
        return x

    def stacked(self, part: str) -> Tensor:
        """The tensor that every block calls `part`, for all blocks: (L, ...)."""
        found = [x for name, x in self.items() if name.startswith("blocks.") and name.endswith(f".{part}")]
        if not found:
            raise ValueError(f"this trace has kept no {part!r}: run the model with it first")
        return torch.stack(found)

    def attention(self) -> Tensor:
        """Attention weights of all blocks: (L, B, H, T, T), each row summing to 1."""
        return self.stacked("attn.weights")


def ablate_heads(pairs: Collection[tuple[int, int]], by: str = "zero") -> Tap:
    """A tap that switches off attention heads, given as (layer, head).

    What the head would add is replaced by zero, or by its mean over all tokens: then the head still says
    its usual thing, but no longer anything about this token.
    """
    if by not in ("zero", "mean"):
        raise ValueError(f"by is {by!r}: choose zero or mean")
    heads_off: dict[str, list[int]] = {}
    for layer, head in pairs:
        check_whole_number("layer", layer, at_least=0)
        check_whole_number("head", head, at_least=0)
        heads_off.setdefault(f"blocks.{layer}.attn.context", []).append(head)

    def switch_off(name: str, x: Tensor) -> Tensor:
        heads = heads_off.get(name)
        if not heads or not x.numel():
            return x
        if max(heads) >= x.shape[1]:
            raise ValueError(f"there is no head {max(heads)}: this model has {x.shape[1]}, counted from 0")
        changed = x.clone()  # (B, H, T, D)
        changed[:, heads] = 0.0 if by == "zero" else x[:, heads].mean(dim=(0, 2), keepdim=True)
        return changed

    return switch_off
