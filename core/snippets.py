"""Rows of random tokens that come twice: a model learns from them to look up earlier tokens."""

import torch
from torch import Tensor

IGNORED = -100  # a target that does not count, see `core.training.next_token_loss`


def snippet_rows(
    vocab_size: int, length: int, rows: int, shortest: int, longest: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Inputs and targets of rows in which each snippet of random tokens stands twice: two of (rows, length).

    Nothing can predict a snippet the first time, so only its second time has targets, from its second token
    on; the others are -100.
    """
    made = [snippet_row(vocab_size, length, shortest, longest, generator) for _ in range(rows)]
    inputs, targets = zip(*made, strict=True)
    return torch.stack(inputs), torch.stack(targets)


def snippet_row(
    vocab_size: int, length: int, shortest: int, longest: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """One such row: two of (length,), long."""
    ids, known = torch.empty(0, dtype=torch.long), torch.empty(0, dtype=torch.bool)
    while len(ids) <= length:
        size = int(torch.randint(shortest, longest + 1, (), generator=generator))
        snippet = torch.randperm(vocab_size, generator=generator)[:size]
        ids = torch.cat([ids, snippet, snippet])
        known = torch.cat([known, torch.arange(2 * size) > size])
    targets = ids.where(known, IGNORED)[1 : length + 1]
    return ids[:length], targets
