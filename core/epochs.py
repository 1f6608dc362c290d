"""Endless batches of examples that stay as they are: pass after pass, each in a new order (book 6.3, 7.3)."""

from collections.abc import Iterator
from itertools import count

import torch
from torch import Tensor

from core.config import check_whole_number
from core.data import epoch_order


def batch_rows(n_examples: int, batch_size: int, *, seed: int = 123, first_step: int = 0) -> Iterator[Tensor]:
    """Which examples learn together at step first_step, first_step + 1, ...: (batch_size,) of long, each.

    Seed and step alone decide, so that a run which goes on from a checkpoint meets the same batches. What
    fills no batch waits for the next pass; fewer examples than batch_size are one batch.
    """
    check_whole_number("n_examples", n_examples)
    check_whole_number("batch_size", batch_size)
    batch_size = min(batch_size, n_examples)
    current, order = -1, torch.empty(0)
    for step in count(first_step):
        epoch, place = divmod(step, n_examples // batch_size)
        if epoch != current:
            generator = torch.Generator().manual_seed(seed + epoch)
            current, order = epoch, epoch_order(n_examples, batch_size, generator)
        yield order[place]
