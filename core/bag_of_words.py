"""A model whose tokens are not told where they stand: without the mask as well, it reads a bag of words."""

from dataclasses import replace

import torch
from torch import Tensor

from core.gpt import GPTModel, with_switches
from core.sampling import last_logits
from core.trace import Tap, chain, no_tap


@torch.inference_mode()
def logits_without_positions(
    model: GPTModel, ids: tuple[int, ...], *, causal: bool, tap: Tap = no_tap
) -> Tensor:
    """Scores for the place after the ids with the same weights, and no positions: (V,).

    With `causal` a token still sees those before it alone, which tells it some of the order.
    """
    config = replace(model.config, causal=causal and model.config.causal)
    if config.position == "rotary":
        config = replace(config, position="none")
    return last_logits(with_switches(model, config), ids, tap=chain(without_rows, tap))


def without_rows(name: str, x: Tensor) -> Tensor:
    """A tap that adds nothing at any position."""
    return torch.zeros_like(x) if name == "pos_emb" else x
