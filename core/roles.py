"""The role of each attention head, measured: does it look one token back, or is it an induction head?

A head's role is measured on random tokens that come twice. They mean nothing, so the attention pattern there
is the head's own habit. The scores vary from text to text and with the length of the repeat: they are means
over enough texts, and come with their standard error and with that length.
This is a measurement on such texts, not a proof of what the head is for.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import torch
from torch import Tensor

from core.config import check_seed, check_whole_number
from core.gpt import GPTModel
from core.knockouts import forward_work
from core.losses import at_rest
from core.trace import Trace

REPEAT = 16  # tokens before a random text comes again
LARGEST_ERROR = 0.02  # standard error up to which texts are added
FEWEST_TEXTS = 32  # a few texts that happen to agree would end the averaging too soon
MOST_TEXTS = 640  # enough for any score from 0 to 1, which varies by at most 0.5: 0.5 / 640 ** 0.5 = 0.0198
TEXTS_AT_ONCE = 16
MOST_WORK = 4e11  # arithmetic operations, ten seconds on one core; a larger model is measured less exactly
SHORTEST_CONTEXT = 6  # in less, one token back and what followed last time are the same position
STANDS_OUT = 0.4  # share of the attention, beyond chance, from which a position names a head
EVEN = 0.9  # of 32 tokens, as spread as over 23 alike; 0.4 of the attention on one of them leaves 0.79

PLACES = ("previous token", "first token", "itself", "induction")  # roles that look at one position
ROLES = (*PLACES, "diffuse")


@dataclass(frozen=True)
class HeadScores:
    """Each head's mean score in each role, from 0 to 1: a row for a layer, a column for a head."""

    previous_token: Tensor  # (L, H), attention to the token before
    first_token: Tensor  # (L, H), attention to the beginning of the text, where heads rest
    itself: Tensor  # (L, H), attention to the token that asks
    induction: Tensor  # (L, H), attention to what followed the same token last time
    diffuse: Tensor  # (L, H), how even the attention is
    chance: dict[str, float] = field(default_factory=dict)  # what an even head scores in each role
    errors: dict[str, Tensor] = field(default_factory=dict)  # (L, H) by role, standard error of each score
    repeat: int = REPEAT  # tokens before the random text comes again: the scores hold for this length
    texts: int = 1  # random texts that were averaged

    def of(self, role: str) -> Tensor:
        """All heads' scores in one role of ROLES: (L, H)."""
        return getattr(self, role.replace(" ", "_"))

    def at(self, layer: int, head: int) -> dict[str, float]:
        """One head's score in every role."""
        return {role: self.of(role)[layer, head].item() for role in ROLES}

    def beyond(self, layer: int, head: int) -> dict[str, float]:
        """One head's score beyond chance in each role of PLACES: 0 as an even head, 1 for all attention."""
        return beyond_chance(self.at(layer, head), self.chance)

    def error(self, role: str, layer: int, head: int) -> float:
        """The standard error of one score."""
        return self.errors[role][layer, head].item()

    def named_from(self, role: str) -> float:
        """The score at which a role of PLACES is STANDS_OUT beyond chance."""
        return self.chance[role] + STANDS_OUT * (1 - self.chance[role])

    @property
    def largest_error(self) -> float:
        """The largest standard error of all scores."""
        return max(errors.max().item() for errors in self.errors.values())

    def best(self, role: str) -> tuple[int, int]:
        """Layer and head of the highest score in a role."""
        return divmod(int(self.of(role).argmax()), self.of(role).shape[1])

    def undecided(self, layer: int, head: int) -> bool:
        """Whether the best position of a head is within two standard errors of the threshold."""
        beyond = self.beyond(layer, head)
        best = max(beyond, key=beyond.get)
        margin = 2 * self.error(best, layer, head) / (1 - self.chance[best])
        return abs(beyond[best] - STANDS_OUT) < margin

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

    A position is named if it gets 0.4 of the attention beyond chance: of several, the one with the most.
    A head is diffuse if no position stands out and its attention is almost even.
    """
    beyond = beyond_chance(scores, chance)
    best = max(beyond, key=beyond.get)
    if beyond[best] >= STANDS_OUT:
        return best, scores[best]
    return ("diffuse", scores["diffuse"]) if scores["diffuse"] >= EVEN else None


def beyond_chance(scores: dict[str, float], chance: dict[str, float]) -> dict[str, float]:
    """Each position's score, counted from what an even head scores (0) to all of the attention (1)."""
    return {role: (scores[role] - chance[role]) / (1 - chance[role]) for role in PLACES}


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


def head_scores(
    model: GPTModel, seed: int = 123, repeat: int = REPEAT, texts: int = FEWEST_TEXTS
) -> HeadScores:
    """All roles of every head, on random texts that come again after `repeat` tokens; half a short context.

    After the first `texts`, more are added until every score has a standard error of at most 0.02. A large
    model stops before, at MOST_WORK; its errors say so. The model is left as it was.
    """
    config = model.config
    half = min(config.context_length // 2, repeat)
    if half < 2:
        raise ValueError(f"a context of {config.context_length} is too short to repeat anything: at least 4")
    even = pattern_scores(even_attention(2 * half, config.causal), half, config.causal)
    most = min(MOST_TEXTS, max(TEXTS_AT_ONCE, int(MOST_WORK / forward_work(model, 2 * half))))
    for found in running_scores(model, half, seed, most):
        count = len(found["diffuse"])
        errors = {role: scores.std(0) / count**0.5 for role, scores in found.items()}  # (L, H) each
        if count >= texts and not any((error > LARGEST_ERROR).any() for error in errors.values()):
            break
    means = [found[role].mean(0) for role in ROLES]
    chance = {role: even[role].item() for role in ROLES}
    return HeadScores(*means, chance=chance, errors=errors, repeat=half, texts=count)


def running_scores(model: GPTModel, half: int, seed: int, most: int) -> Iterator[dict[str, Tensor]]:
    """Every role's score on each text so far, (N, L, H), after each batch of texts, up to `most`."""
    config = model.config
    trace = Trace(keep=[f"blocks.{layer}.attn.weights" for layer in range(config.n_layers)])
    found: dict[str, Tensor] = {}
    for first in range(0, most, TEXTS_AT_ONCE):
        seeds = range(seed + first, seed + min(first + TEXTS_AT_ONCE, most))
        texts = torch.stack([repeated_random_ids(config.vocab_size, half, one) for one in seeds])
        with at_rest(model):
            model.final_vectors(texts.to(model.device), trace)  # attention is all we ask for: no output layer
        new = pattern_scores(trace.attention().transpose(0, 1), half, config.causal)  # (B, L, H) each
        found = {role: torch.cat([found[role], new[role]]) if found else new[role] for role in ROLES}
        yield found
