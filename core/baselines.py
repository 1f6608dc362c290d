"""What a model's numbers are to be compared with: counting pairs of tokens, and copying the text."""

import torch
from torch import Tensor

from core.data import check_long_enough

PRIOR = 5.0  # how many imagined sightings the single tokens' shares are worth


def bigram_loss(train_ids: Tensor, validation_ids: Tensor, vocab_size: int) -> float:
    """Mean surprise, in nats, of a model that only counts which token followed which: both (N,) of long.

    A pair's share is mixed with the share of its second token alone, or a pair never seen would cost infinity
    (Jelinek & Mercer 1980). A network that does no better has not learned to use more than one token.
    """
    check_long_enough(min(len(train_ids), len(validation_ids)), 1)
    seen, counts = torch.unique(pair_numbers(train_ids, vocab_size), return_counts=True)
    asked = pair_numbers(validation_ids, vocab_size)
    place = torch.searchsorted(seen, asked).clamp(max=len(seen) - 1)
    pair_count = counts[place] * (seen[place] == asked)
    first_count = torch.bincount(train_ids[:-1], minlength=vocab_size)[validation_ids[:-1]]
    alone = (torch.bincount(train_ids, minlength=vocab_size) + 1) / (len(train_ids) + vocab_size)
    shares = (pair_count + PRIOR * alone[validation_ids[1:]]) / (first_count + PRIOR)
    return -shares.double().log().mean().item()


def pair_numbers(ids: Tensor, vocab_size: int) -> Tensor:
    """One number for each pair of neighbours: (N,) -> (N - 1,)."""
    return ids[:-1] * vocab_size + ids[1:]


def longest_copy(written: str, text: str) -> str:
    """The longest stretch of what was written that stands, letter for letter, in the text."""
    best = ""
    for start in range(len(written)):
        while start + len(best) < len(written) and written[start : start + len(best) + 1] in text:
            best = written[start : start + len(best) + 1]
    return best
