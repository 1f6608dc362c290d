"""Sampling's questions: what temperature does, what top-k does, and T = 0."""

import numpy as np

from core.sampling import next_token_probs
from views import cache, next_token
from views.cards.card import Card, Outcome, need
from views.figures.pairs import paired_bars, paired_lines
from views.here import Here
from views.look import Sampling
from views.phrases import count_of
from views.picture import palette
from views.text import percent
from views.vocabulary import text_of, token_texts

COLD, HOT = 0.5, 2.0
KEPT = 10  # tokens, by top-k
SHOWN = 10
FELT = 0.02  # a share of 1: less is nothing to be seen
WRITTEN, SEEDS = 12, (1, 2, 3)  # tokens of each text: enough for drawn ones to part


def reorders(here: Here) -> Outcome:
    """The likeliest tokens at two temperatures: is their order another?"""
    need(here, 1, "so that there is a next token")
    logits = cache.next_logits(here.look, here.prompt.ids)
    cold, hot = (next_token_probs(logits.double(), temperature=t).numpy() for t in (COLD, HOT))
    best = next_token.likeliest(here.tokenizer, cold, SHOWN)[0]
    rises = bool((np.diff(hot[best]) > 1e-12).any())
    moved = float(np.abs(cold - hot).sum() / 2)
    return Outcome(
        held=0 if rises else 1 if moved > FELT else 2,
        figure=paired_bars(
            token_texts(here.tokenizer, best.tolist()),
            [100 * cold[best], 100 * hot[best]],
            [f"T = {COLD:g}", f"T = {HOT:g}"],
            palette(),
            x="probability of being next (%)",
            tokens=True,
        ),
        seen=f"The favourite has {cold[best[0]]:.0%} at T = {COLD:g} and {hot[best[0]]:.0%} at T = {HOT:g}; "
        f"the order of the first {len(best)} is {'another' if rises else 'the same'}",
        numbers={
            "cold": percent(float(cold[best[0]])),
            "hot": percent(float(hot[best[0]])),
            "low": COLD,
            "high": HOT,
            "moved": percent(moved),
        },
    )


def tail(here: Here) -> Outcome:
    """How much is drawn from beyond the ten best: as it is, cooled, and cut off."""
    need(here, 1, "so that there is a next token")
    logits = cache.next_logits(here.look, here.prompt.ids)
    settings = ({"temperature": COLD}, {"top_k": KEPT})
    own = np.sort(next_token_probs(logits.double()).numpy())[::-1]
    cooled, cut = (np.sort(next_token_probs(logits.double(), **one).numpy())[::-1] for one in settings)
    beyond = [float(probs[KEPT:].sum()) for probs in (own, cooled, cut)]
    ranks = np.arange(1, min(len(own), 30) + 1)
    return Outcome(
        held=0 if beyond[1] < 1e-9 else 1 if beyond[2] < 1e-9 else 2,
        figure=paired_lines(
            ranks,
            [100 * np.cumsum(probs)[: len(ranks)] for probs in (own, cooled, cut)],
            ["the model's own", f"T = {COLD:g}", f"top-k = {KEPT}"],
            palette(),
            x="so many best tokens",
            y="have together (%)",
        ),
        seen=f"Beyond the {KEPT} best lie {beyond[0]:.0%}; at T = {COLD:g} "
        f"{percent(beyond[1])}, with top-k nothing",
        numbers={
            "own": percent(beyond[0]),
            "cooled": percent(beyond[1]),
            "kept": KEPT,
            "low": COLD,
            "first": percent(float(own[0])),
            "first_cut": percent(float(cut[0])),
            "first_cooled": percent(float(cooled[0])),
        },
    )


def zero(here: Here) -> Outcome:
    """How many different texts three seeds write: always the best token, or drawn."""
    need(here, 1, "so that there is something to go on from")
    texts = [[written(here, t, seed) for seed in SEEDS] for t in (0.0, 1.0)]
    cold, warm = map(different, texts)
    return Outcome(
        held=2 if cold[-1] > 1 else 1 if warm[-1] > 1 else 0,
        figure=paired_lines(
            np.arange(1, WRITTEN + 1),
            [cold, warm],
            ["T = 0", "T = 1"],
            palette(),
            x="tokens written",
            y=f"different texts from {len(SEEDS)} seeds",
        ),
        seen=f"{len(SEEDS)} seeds write {count_of(int(cold[-1]), 'text')} at T = 0 and {warm[-1]} at T = 1",
        numbers={
            "seeds": len(SEEDS),
            "cold": int(cold[-1]),
            "warm": int(warm[-1]),
            "text": quoted(here, texts[0][0]),
            "drawn": quoted(here, texts[1][0]),
        },
    )


def written(here: Here, temperature: float, seed: int) -> tuple[int, ...]:
    """What the chosen model writes after the prompt."""
    return cache.continuation(here.look, here.prompt.ids, WRITTEN, Sampling(temperature, seed=seed))


def different(texts: list[tuple[int, ...]]) -> np.ndarray:
    """How many of the texts are different after the first one, two, three, ... tokens: (N,)."""
    return np.array([len({text[:count] for text in texts}) for count in range(1, len(texts[0]) + 1)])


def quoted(here: Here, ids: tuple[int, ...]) -> str:
    """A text on one line."""
    return " ".join(text_of(here.tokenizer, ids).split())


CARDS = (
    Card("reorders", 23, 1, reorders),
    Card("tail", 23, 1, tail),
    Card("zero", 23, 1, zero),
)
