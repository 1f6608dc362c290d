"""What a head does, measured: does it look one token back, or does it look up what came next last time?

A head's role is read off random tokens that come twice. They mean nothing, so whatever pattern the attention
shows there is the head's own habit, and a head that has found the repetition can be seen looking at it.
That is a measurement on this text, not a proof of what the head is for.
"""

from dataclasses import dataclass, field
from functools import cached_property

import torch
from torch import Tensor

from core.config import check_seed, check_whole_number
from core.gpt import GPTModel
from core.losses import at_rest
from core.trace import Trace

SEQUENCES = 8  # random texts to average over: one alone would make the scores jump
LONGEST_HALF = 16  # tokens before they come again
SHORTEST_CONTEXT = 6  # in less, one token back and what followed last time are the same place
STANDS_OUT = 0.4  # share of the attention, beyond what chance gives, at which a place names a head
EVEN = 0.9  # of 32 tokens, as spread as over 23 alike; 0.4 of the attention on one of them leaves 0.79

PLACES = ("previous token", "first token", "itself", "induction")  # roles that look at one place
ROLES = (*PLACES, "diffuse")


@dataclass(frozen=True)
class HeadScores:
    """How far each head of a model plays each role, from 0 to 1: a row for a layer, a column for a head."""

    previous_token: Tensor  # (L, H), attention to the token before
    first_token: Tensor  # (L, H), attention to the beginning of the text, where heads rest
    itself: Tensor  # (L, H), attention to the token that asks
    induction: Tensor  # (L, H), attention to what followed the same token last time
    diffuse: Tensor  # (L, H), how even the attention is
    chance: dict[str, float] = field(default_factory=dict)  # what an even head scores in each role

    def of(self, role: str) -> Tensor:
        """All heads' scores in one role of ROLES: (L, H)."""
        return getattr(self, role.replace(" ", "_"))

    def at(self, layer: int, head: int) -> dict[str, float]:
        """One head's score in every role."""
        return {role: self.of(role)[layer, head].item() for role in ROLES}

    @cached_property
    def roles(self) -> list[list[tuple[str, float] | None]]:
        """What each head looks like, with the score: a list for a layer, None for a head without a role."""
        layers, heads = self.induction.shape
        return [[looks_like(self.at(i, j), self.chance) for j in range(heads)] for i in range(layers)]


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


def first_token_score(weights: Tensor, start: int = 1) -> Tensor:
    """Mean attention from the tokens after `start` to the first of all: weights (..., T, T) -> (...).

    A head with nothing to say rests there, as attention must go somewhere (Vig & Belinkov 2019).
    """
    check_start(weights, start)
    return weights[..., start:, 0].mean(-1)


def itself_score(weights: Tensor, start: int = 1) -> Tensor:
    """Mean attention from the tokens after `start` to themselves: weights (..., T, T) -> (...)."""
    check_start(weights, start)
    return weights.diagonal(dim1=-2, dim2=-1)[..., start:].mean(-1)


def diffuse_score(weights: Tensor, causal: bool = True) -> Tensor:
    """How even the attention is, from 0 = one token gets all to 1 = all get the same: (..., T, T) -> (...).

    The entropy of a row (Clark et al. 2019), divided by the most that it could be. The first token of a
    causal model sees only itself and does not count.
    """
    check_start(weights, 1)
    keys = keys_seen(weights.shape[-1], causal).to(weights.device)  # (T,)
    entropies = torch.special.entr(weights).sum(-1)  # (..., T), nats
    return (entropies[..., keys > 1] / keys[keys > 1].log()).mean(-1).clamp(0, 1)


def keys_seen(length: int, causal: bool) -> Tensor:
    """How many tokens each one may look at: (T,)."""
    return torch.arange(1, length + 1) if causal else torch.full((length,), length)


def check_start(weights: Tensor, start: int) -> None:
    """Raise ValueError if no token is left to score after the first `start`."""
    check_whole_number("start", start)
    if weights.shape[-1] <= start:
        raise ValueError(
            f"weights {tuple(weights.shape)} are of too few tokens: more than {start} must be there"
        )


def looks_like(scores: dict[str, float], chance: dict[str, float]) -> tuple[str, float] | None:
    """The role that stands out, and its score; None if none does. `chance` is what an even head scores.

    A place is named if it gets 0.4 of the attention beyond chance: of several, the one with the most.
    A head is diffuse if no place stands out and its attention is almost even.
    """
    beyond = {role: (scores[role] - chance[role]) / (1 - chance[role]) for role in PLACES}
    best = max(beyond, key=beyond.get)
    if beyond[best] >= STANDS_OUT:
        return best, scores[best]
    return ("diffuse", scores["diffuse"]) if scores["diffuse"] >= EVEN else None


def pattern_scores(weights: Tensor, period: int, causal: bool = True) -> dict[str, Tensor]:
    """Every role's score, for a text that comes again after `period` tokens: weights (..., T, T) -> (...).

    First token and itself count in the second half alone. In the first there is nothing to look up, and an
    induction head rests; in the second all places are shares of the same attention and can be compared.
    """
    return {
        "previous token": previous_token_score(weights),
        "first token": first_token_score(weights, period),
        "itself": itself_score(weights, period),
        "induction": induction_score(weights, period),
        "diffuse": diffuse_score(weights, causal),
    }


def even_attention(length: int, causal: bool = True) -> Tensor:
    """Weights of a head that looks at everything that it may see alike: (T, T)."""
    seen = torch.ones(length, length)
    return (seen.tril() if causal else seen) / keys_seen(length, causal)[:, None]


def head_scores(model: GPTModel, seed: int = 123) -> HeadScores:
    """All roles of every head, on 8 random texts that come twice. The model is left as it was."""
    config = model.config
    half = min(config.context_length // 2, LONGEST_HALF)
    if half < 2:
        raise ValueError(f"a context of {config.context_length} is too short to repeat anything: at least 4")
    texts = [repeated_random_ids(config.vocab_size, half, seed + number) for number in range(SEQUENCES)]
    trace = Trace(keep=[f"blocks.{layer}.attn.weights" for layer in range(config.n_layers)])
    with at_rest(model):
        ids = torch.stack(texts).to(model.device)
        model.final_vectors(ids, trace)  # attention is all we ask for: no output layer
    found = pattern_scores(trace.attention().transpose(0, 1), half, config.causal)  # (B, L, H) each
    even = pattern_scores(even_attention(2 * half, config.causal), half, config.causal)
    return HeadScores(
        *(found[role].mean(0) for role in ROLES), chance={role: even[role].item() for role in ROLES}
    )
