"""How fast this machine trains: measured on a real model, not looked up."""

import time

import torch

from core.anatomy import training_flops
from core.config import GPTConfig
from core.gpt import build_model
from core.training import next_token_loss

MEASURED = GPTConfig(  # large enough that matrices are most of the work, small enough for a moment
    vocab_size=512, context_length=64, emb_dim=256, n_heads=4, n_layers=2, drop_rate=0.0
)
WINDOWS, STEPS = 4, 4  # in a batch; and batches


def training_speed() -> float:
    """Additions and multiplications a second on the way there and back, with the threads that torch has now.

    The fastest of a few batches: other work on the machine only ever slows one down.
    """
    model = build_model(MEASURED)
    ids = torch.arange(WINDOWS * MEASURED.context_length).reshape(WINDOWS, -1) % MEASURED.vocab_size
    seconds = []
    for _ in range(STEPS):
        start = time.perf_counter()
        next_token_loss(model(ids), ids).backward()
        seconds.append(time.perf_counter() - start)
    return training_flops(MEASURED, ids.numel()) / min(seconds)
