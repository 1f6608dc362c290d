"""What a model is asked: the next token, the same one, or the one before (book 2.6)."""

from collections.abc import Sequence

import torch
from torch import Tensor

from core.gpt import GPTModel
from core.lens import losses_along
from core.trace import Tap, no_tap


def losses_by_shift(
    model: GPTModel, ids: Tensor, shifts: Sequence[int] = (1, 0, -1), tap: Tap = no_tap
) -> Tensor:
    """Surprise in nats at each place that has a neighbour on both sides, by shift: (T,) -> (S, T - 2).

    Shift 1 asks for the next token, 0 for the one that was just read, -1 for the one before.
    """
    if len(ids) < 3:
        raise ValueError(f"{len(ids)} tokens: 3 are needed for one that has a neighbour on both sides")
    with torch.inference_mode():
        vectors = model.final_vectors(ids[None], tap)[0, 1:-1]  # (T - 2, C)
    places = torch.arange(1, len(ids) - 1, device=ids.device)
    return torch.stack([losses_along(model, vectors, ids[places + shift]) for shift in shifts])
