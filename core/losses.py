"""The loss taken apart: what each single token cost the model (book 5.1.2)."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.gpt import GPTModel
from core.trace import Tap, no_tap


@contextmanager
def at_rest(model: nn.Module) -> Iterator[None]:
    """Look without learning: no dropout and no gradients in here, and afterwards the mode that it had."""
    was_training = model.training
    model.eval()
    try:
        with torch.inference_mode():
            yield
    finally:
        model.train(was_training)


def token_losses(model: GPTModel, ids: Tensor, tap: Tap = no_tap) -> Tensor:
    """Surprise, in nats, at each right next token: ids (T + 1,) of long -> (T,).

    0 where the model was sure and right, ln(vocab_size) where it merely guessed; their mean is the loss.
    """
    if ids.ndim != 1 or len(ids) < 2:
        raise ValueError(f"ids {tuple(ids.shape)} must be one row of at least 2: a token and what follows it")
    with at_rest(model):
        logits = model(ids[None, :-1], tap)[0]  # (T, V)
    return F.cross_entropy(logits, ids[1:].long(), reduction="none")
