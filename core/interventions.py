"""Step in: switch a part of a model off, push its stream, or put in what it held for another text.

Looking shows what is there; only a change shows what it does (Vig et al. 2020, Meng et al. 2022). Each edit
says what is changed; `intervene` makes all of them one tap, so nothing of the model itself is touched.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from core.config import GPTConfig, check_choice
from core.gpt import GPTModel
from core.trace import Tap, Trace, ablate_heads, chain

KINDS = ("head", "attention", "mlp", "block", "push", "patch")


@dataclass(frozen=True, kw_only=True)
class Edit:
    """One change to a forward pass. Layers, heads and positions count from 0."""

    kind: str  # "head", "attention", "mlp" or "block": off; "push" or "patch": the stream that enters a block
    layer: int
    head: int | None = None  # of a head that is off
    by: str = "zero"  # what a head that is off adds: nothing, or its "mean" over all tokens
    token: int | None = None  # of a push: towards this token's row of the embedding table
    strength: float = 1.0  # of a push, as a share of the stream's own length
    position: int | None = None  # of a patch: where; of a push: where, or everywhere


def check_edit(edit: Edit, config: GPTConfig) -> None:
    """Raise ValueError for an edit of something that this model does not have."""
    check_choice("kind", edit.kind, KINDS)
    check_choice("by", edit.by, ("zero", "mean"))
    needed = {"head": ("head",), "push": ("token",), "patch": ("position",)}.get(edit.kind, ())
    limits = {"layer": config.n_layers, "head": config.n_heads, "token": config.vocab_size}
    for name, limit in (limits | {"position": config.context_length}).items():
        value = getattr(edit, name)
        if value is None and name in needed:
            raise ValueError(f"an edit of kind {edit.kind!r} needs a {name}")
        if value is not None and not 0 <= value < limit:
            raise ValueError(f"there is no {name} {value}: this model has {limit}, counted from 0")


def intervene(model: GPTModel, edits: Sequence[Edit], other: Trace | None = None) -> Tap:
    """All edits as one tap, in their order. A patch takes its values from `other`: see `stream_of`."""
    for edit in edits:
        check_edit(edit, model.config)
    if other is None and any(edit.kind == "patch" for edit in edits):
        raise ValueError("a patch needs another text to take its values from")
    return chain(*(tap_of(model, edit, other) for edit in edits))


def tap_of(model: GPTModel, edit: Edit, other: Trace | None) -> Tap:
    """One edit as a tap."""
    if edit.kind == "head":
        return ablate_heads([(edit.layer, edit.head)], edit.by)
    if edit.kind == "block":
        return pass_through(edit.layer)
    where = {"attention": "attn.out", "mlp": "ffn.out"}.get(edit.kind, "resid_in")
    if edit.kind == "push":
        change = pushing(model.tok_emb.weight[edit.token].detach(), edit.strength, edit.position)
    elif edit.kind == "patch":
        change = patching(other[f"blocks.{edit.layer}.resid_in"], edit.position)
    else:
        change = torch.zeros_like
    return at(f"blocks.{edit.layer}.{where}", change)


def at(place: str, change: Callable[[Tensor], Tensor]) -> Tap:
    """A tap that changes the tensor of one name, and hands on all others."""
    return lambda name, x: change(x) if name == place else x


def pass_through(layer: int) -> Tap:
    """A block that is off gives out what it was given. The tap is for one forward pass at a time."""
    given: list[Tensor] = []

    def remember_or_return(name: str, x: Tensor) -> Tensor:
        if name == f"blocks.{layer}.resid_in":
            given[:] = [x]
        return given[0] if name == f"blocks.{layer}.resid_out" else x

    return remember_or_return


def pushing(direction: Tensor, strength: float, position: int | None) -> Callable[[Tensor], Tensor]:
    """Add to a stream (B, T, C) a vector (C,), made `strength` times as long as the stream is there."""

    def push(x: Tensor) -> Tensor:
        step = strength * x.norm(dim=-1, keepdim=True) * direction / direction.norm().clamp(min=1e-12)
        if position is None:
            return x + step
        changed = x.clone()
        changed[:, position : position + 1] += step[:, position : position + 1]
        return changed

    return push


def patching(values: Tensor, position: int) -> Callable[[Tensor], Tensor]:
    """Put the values (1, T', C) of another text into a stream (B, T, C) at one position that both have."""

    def patch(x: Tensor) -> Tensor:
        changed = x.clone()
        if position < min(x.shape[1], values.shape[1]):
            changed[:, position] = values[0, position]
        return changed

    return patch


def stream_of(model: GPTModel, ids: Tensor) -> Trace:
    """What enters every block for a text: ids (T,) -> a trace of `blocks.{i}.resid_in`, (1, T, C) each."""
    trace = Trace(keep=[f"blocks.{layer}.resid_in" for layer in range(model.config.n_layers)])
    with torch.inference_mode():
        model.final_vectors(ids[None], trace)
    return trace


def patch_map(model: GPTModel, ids: Tensor, other_ids: Tensor, token: int) -> Tensor:
    """Where the answer is kept: the probability of `token` after ids, for every single patch: (L, T).

    Cell (layer, position) is measured with that one vector of the stream taken from the other text, which
    must have as many tokens (Meng et al. 2022, "causal tracing").
    """
    if ids.shape != other_ids.shape:
        raise ValueError(
            f"the texts have {len(ids)} and {len(other_ids)} tokens: to swap vectors both need as many"
        )
    other, T = stream_of(model, other_ids), len(ids)
    each = torch.arange(T, device=ids.device)
    rows = []
    for layer in range(model.config.n_layers):
        values = other[f"blocks.{layer}.resid_in"][0]  # (T, C)

        def one_each(x: Tensor, values: Tensor = values) -> Tensor:  # (T, T, C): text t is changed at t
            changed = x.clone()
            changed[each, each] = values
            return changed

        with torch.inference_mode():
            vectors = model.final_vectors(ids.repeat(T, 1), at(f"blocks.{layer}.resid_in", one_each))
            rows.append(model.out_head(vectors[:, -1]).softmax(dim=-1)[:, token])  # (T,)
    return torch.stack(rows)
