"""Dropout, once and many times: what stays of a sum if some of its parts are dropped (book 3.5.2)."""

import torch
from torch import Tensor


def drop(weights: Tensor, rate: float, seed: int = 123) -> Tensor:
    """Set a share of the weights to 0, and divide the others by 1 - rate: their sum stays, on average.

    The numbers of `F.dropout` after `torch.manual_seed(seed)`. ValueError for a rate that leaves nothing.
    """
    if not 0 <= rate < 1:
        raise ValueError(f"dropout is {rate}: it must be at least 0 and below 1")
    generator = torch.Generator().manual_seed(seed)
    kept = torch.empty_like(weights).bernoulli_(1 - rate, generator=generator)  # 1 is kept, 0 is dropped
    return weights * (kept / (1 - rate))


def kept_sums(weights: Tensor, rate: float, draws: int, *, scaled: bool = True, seed: int = 123) -> Tensor:
    """The sum of a row after dropout, `draws` times: (T,) -> (draws,).

    `scaled`: what stays is divided by 1 - rate, as usual. ValueError for a rate that leaves nothing.
    """
    kept = drop(weights.expand(draws, -1), rate, seed)  # (draws, T)
    return kept.sum(dim=1) * (1.0 if scaled else 1 - rate)


def running_mean(values: Tensor) -> Tensor:
    """The mean of the first one, two, three, ...: (N,) -> (N,)."""
    return values.double().cumsum(0) / torch.arange(1, len(values) + 1, device=values.device)
