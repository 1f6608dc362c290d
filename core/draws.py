"""Draws against theory: how often each token comes, and how often it should."""

from typing import NamedTuple

import torch
from torch import Tensor

LEAST = 5  # times that a token should be expected before its count says much


def generator_after(seed: int, draws: int, vocab_size: int) -> torch.Generator:
    """The dice of a seed, as they lie after so many tokens were drawn: so a text can be gone on with.

    How much chance a draw uses up depends on the size of the vocabulary alone.
    """
    generator = torch.Generator().manual_seed(seed)
    even = torch.full((vocab_size,), 1 / vocab_size)
    for _ in range(draws):
        torch.multinomial(even, 1, generator=generator)
    return generator


def draw_counts(probs: Tensor, count: int, seed: int) -> Tensor:
    """How often each token comes in `count` independent draws: (V,) -> (V,) whole numbers."""
    generator = torch.Generator().manual_seed(seed)
    drawn = torch.multinomial(probs, count, replacement=True, generator=generator)  # (count,)
    return torch.bincount(drawn, minlength=len(probs))


def expected_counts(probs: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """How often each token should come, and the standard deviation of that: (V,) each (binomial)."""
    probs = probs.double()
    return count * probs, (count * probs * (1 - probs)).sqrt()


class Fit(NamedTuple):
    """How well draws agree with the probabilities that they were drawn from."""

    within: int  # tokens whose count is at most two deviations off
    compared: int  # tokens expected at least 5 times
    chi_square: float  # the sum of (count - expected)^2 / expected
    freedom: int  # about what chi-square should be
    chance: float  # that fair draws lie at least as far off; 1 if nothing can be compared


def fit_of(counts: Tensor, probs: Tensor) -> Fit:
    """Pearson's test of counts against probabilities, (V,) each. Rare tokens count together, as one."""
    draws = int(counts.sum())
    expected, deviation = expected_counts(probs, draws)
    often = expected >= LEAST
    within = (counts - expected).abs()[often] <= 2 * deviation[often] + 1e-9
    seen, due = counts[often].double(), expected[often]
    if (rest := draws - due.sum()) >= LEAST:
        seen, due = torch.cat([seen, counts[~often].sum()[None]]), torch.cat([due, rest[None]])
    chi_square = float(((seen - due) ** 2 / due).sum())
    freedom = max(0, len(due) - 1)
    chance = 1.0
    if freedom:
        half = torch.tensor([freedom / 2, chi_square / 2], dtype=torch.float64)
        chance = float(torch.special.gammaincc(half[0], half[1]))
    return Fit(int(within.sum()), int(often.sum()), chi_square, freedom, chance)
