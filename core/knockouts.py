"""What each part does, found by leaving it out: one forward pass for every head and every sub-layer.

A part matters for a prediction as much as the prediction changes without it. That is true of one part at a
time: two heads may do the same work, and then neither is missed alone (McGrath et al. 2023).
"""

import torch
from torch import Tensor

from core.config import check_choice
from core.gpt import GPTModel
from core.interventions import Edit, at, intervene
from core.trace import Tap, no_tap

PARTS = ("attention", "mlp", "block")


@torch.inference_mode()
def head_knockouts(model: GPTModel, ids: Tensor, token: int, by: str = "zero") -> Tensor:
    """Probability of `token` after ids (T,) with each head off, one at a time: (L, H).

    All heads of a layer go through the model at once: text h of the batch is the one without head h.
    """
    check_choice("by", by, ("zero", "mean"))
    heads = torch.arange(model.config.n_heads, device=ids.device)
    rows = []
    for layer in range(model.config.n_layers):

        def one_each(x: Tensor) -> Tensor:  # (H, H, T, D): in text h head h is changed
            changed = x.clone()
            changed[heads, heads] = 0.0 if by == "zero" else x[heads, heads].mean(dim=1, keepdim=True)
            return changed

        rows.append(
            chances(model, ids.repeat(len(heads), 1), token, at(f"blocks.{layer}.attn.context", one_each))
        )
    return torch.stack(rows)


@torch.inference_mode()
def part_knockouts(model: GPTModel, ids: Tensor, token: int) -> dict[str, Tensor]:
    """The same with a layer's attention, its feed-forward part or the whole block off: (L,) each."""
    layers = range(model.config.n_layers)
    return {
        kind: torch.cat(
            [
                chances(model, ids[None], token, intervene(model, [Edit(kind=kind, layer=layer)]))
                for layer in layers
            ]
        )
        for kind in PARTS
    }


@torch.inference_mode()
def chances(model: GPTModel, ids: Tensor, token: int, tap: Tap = no_tap) -> Tensor:
    """Probability of `token` to come after each text: ids (B, T) -> (B,)."""
    vectors = model.final_vectors(ids, tap)  # (B, T, C)
    return model.out_head(vectors[:, -1]).softmax(dim=-1)[:, token]


def patch_work(model: GPTModel, tokens: int) -> int:
    """Arithmetic operations of a patch map of so many tokens: each vector of each layer, one forward pass."""
    return model.config.n_layers * tokens * forward_work(model, tokens)


def knockout_work(model: GPTModel, tokens: int) -> int:
    """Arithmetic operations of leaving out each head and each part."""
    config = model.config
    return config.n_layers * (config.n_heads + len(PARTS)) * forward_work(model, tokens)


def forward_work(model: GPTModel, tokens: int) -> int:
    """One forward pass: a multiplication and an addition for each weight and token (Kaplan et al. 2020)."""
    weights = sum(parameter.numel() for parameter in model.trf_blocks.parameters())
    return 2 * tokens * weights
