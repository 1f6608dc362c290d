"""A text that was written, read again: how much each of its tokens surprised the model."""

from collections.abc import Sequence

import torch
from torch import Tensor

from core.gpt import GPTModel
from core.sampling import last_logits
from core.trace import Tap, no_tap


@torch.inference_mode()
def surprises(
    model: GPTModel, ids: Sequence[int], first: int, *, tap: Tap = no_tap, at_once: bool = True
) -> Tensor:
    """-ln p of each token from place `first` on, p being what the model gave it: (T - first,) nats.

    In a causal model one pass gives all places at once: no place knows what comes after it. Past the
    context length the window moves, and each place needs a pass of its own; so do all without `at_once`.
    """
    if not 1 <= first <= len(ids):
        raise ValueError(f"first is {first}: it must be 1 to {len(ids)}, as nothing stands before the first")
    longest = model.config.context_length
    seen_at_once = min(len(ids) - 1, longest) if at_once and model.config.causal else 0
    read, rows = torch.tensor(ids, device=model.device), []
    if seen_at_once >= first:
        vectors = model.final_vectors(read[None, :seen_at_once], tap)  # (1, T, C)
        rows.append(model.out_head(vectors[0, first - 1 :]))
    alone = range(max(first, seen_at_once + 1), len(ids))
    rows += [last_logits(model, ids[max(0, place - longest) : place], tap=tap)[None] for place in alone]
    if not rows:
        return torch.empty(0, dtype=torch.float64, device=model.device)
    return -torch.cat(rows).double().log_softmax(-1).gather(1, read[first:, None])[:, 0]
