"""What a head does, measured: does it look one token back, or does it look up what came next last time?

A head's role is read off random tokens that come twice. They mean nothing, so whatever pattern the attention
shows there is the head's own habit, and a head that has found the repetition can be seen looking at it.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from core.config import check_seed, check_whole_number
from core.gpt import GPTModel
from core.losses import at_rest
from core.trace import Trace

SEQUENCES = 8  # random texts to average over: one alone would make the scores jump
LONGEST_HALF = 16  # tokens before they come again


@dataclass(frozen=True)
class HeadScores:
    """How far each head of a model plays a role, from 0 to 1: a row for a layer, a column for a head."""

    previous_token: Tensor  # (L, H), attention to the token before
    induction: Tensor  # (L, H), attention to what followed the same token last time


def repeated_random_ids(vocab_size: int, half: int, seed: int = 123) -> Tensor:
    """Random token ids, and the same once more: (2 half,) of long.

    No token comes twice in one half if the vocabulary is large enough: there is one place to look it up.
    """
    check_whole_number("vocab_size", vocab_size)
    check_whole_number("half", half)
    check_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    if half <= vocab_size:
        once = torch.randperm(vocab_size, generator=generator)[:half]
    else:
        once = torch.randint(vocab_size, (half,), generator=generator)
    return once.repeat(2)


def previous_token_score(weights: Tensor) -> Tensor:
    """Mean attention from each token to the one before it: weights (..., T, T) -> (...).

    The first token has none before it and does not count.
    """
    if weights.shape[-1] < 2:
        raise ValueError(f"weights {tuple(weights.shape)} are of one token: looking back needs two")
    return weights.diagonal(offset=-1, dim1=-2, dim2=-1).mean(-1)


def induction_score(weights: Tensor, period: int) -> Tensor:
    """Mean attention to the token that followed this one last time: weights (..., T, T) -> (...).

    For a text that comes again after `period` tokens. From "A B ... A" an induction head looks at the B, and
    so foretells it (Olsson et al. 2022). Only tokens that have been there before count.
    """
    check_whole_number("period", period)
    if weights.shape[-1] <= period:
        raise ValueError(f"{weights.shape[-1]} tokens do not come again after {period}: give more than that")
    looked_up = weights.diagonal(offset=1 - period, dim1=-2, dim2=-1)  # from t to t - period + 1
    return looked_up[..., 1:].mean(-1)  # the first is the end of the first half: nothing has come again yet


def head_scores(model: GPTModel, seed: int = 123) -> HeadScores:
    """Both roles of every head, on 8 random texts that come twice. The model is left as it was."""
    config = model.config
    half = min(config.context_length // 2, LONGEST_HALF)
    if half < 2:
        raise ValueError(f"a context of {config.context_length} is too short to repeat anything: at least 4")
    texts = [repeated_random_ids(config.vocab_size, half, seed + number) for number in range(SEQUENCES)]
    trace = Trace(keep=[f"blocks.{layer}.attn.weights" for layer in range(config.n_layers)])
    with at_rest(model):
        model.final_vectors(torch.stack(texts), trace)  # attention is all we ask for: no output layer
    weights = trace.attention().transpose(0, 1)  # (B, L, H, T, T)
    return HeadScores(previous_token_score(weights).mean(0), induction_score(weights, half).mean(0))
