"""Home's question: when does gibberish become text."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.library import read_text
from core.real_words import RealShares, real_shares
from runs import storyteller
from views import cache
from views.cards.card import Card, Outcome, need
from views.catalogue import is_run
from views.figures.pairs import paired_lines
from views.here import Here
from views.look import Look, Sampling
from views.picture import palette
from views.text import percent
from views.vocabulary import text_of

WRITTEN = 80  # tokens: some sixty words, so that a share of them jumps by few points
QUOTED = 60  # characters
MOST_STEPS = 6  # moments of a life; each has to write
FEWEST_STEPS = 3  # or there is no course to be seen
TALES = "grimm"  # of the library, for models whose own text is not at hand
GAIN = 0.05  # of all pairs of words: less is no learning
EARLY, LATE = 0.1, 0.5  # of the training: by when half of the gain is there


def becoming(here: Here) -> Outcome:
    """What a model writes at some moments of its training: how much of it is real."""
    need(here, 1, "so that there is something to go on from")
    looks, text = life_of(here)
    steps = np.array([look.step for look in looks])
    written = [writing(look, here) for look in looks]
    shares = real_shares(written, text)
    pairs = np.array([one.pairs for one in shares])
    half = steps[reached(pairs)] / steps[-1]
    return Outcome(
        held=held_by(pairs, half),
        figure=drawn(steps, shares),
        seen=f"Half of the real pairs of words are there by step {steps[reached(pairs)]:,} of {steps[-1]:,}",
        numbers={
            "first": percent(float(pairs[0])),
            "last": percent(float(pairs[-1])),
            "words": percent(shares[reached(pairs)].words),
            "half": int(steps[reached(pairs)]),
            "steps": int(steps[-1]),
            "part": percent(float(half)),
            "begun": quoted(written[0]),
            "ended": quoted(written[-1]),
        },
    )


def held_by(pairs: np.ndarray, half: float) -> int:
    """Early, evenly, late; evenly too if nothing was learned."""
    if pairs[-1] < pairs[0] + GAIN:
        return 1
    return 0 if half <= EARLY else 2 if half > LATE else 1


def reached(pairs: np.ndarray) -> int:
    """The first moment at which half of what is gained in the end is there."""
    return int((pairs >= (pairs[0] + pairs[-1]) / 2).argmax())


def life_of(here: Here) -> tuple[list[Look], str]:
    """Moments of the chosen model's training, else of the Storyteller's; and a text to find words in."""
    key, kept = here.choice.key, here.choice.steps
    if len(kept) < FEWEST_STEPS:
        key, kept = storyteller.BUNDLED, storyteller.steps()
    places = np.unique(np.linspace(0, len(kept) - 1, min(len(kept), MOST_STEPS)).round().astype(int))
    life = here.choice.life if key == here.choice.key else 0
    own = cache.store().recipe(key).corpus_text if is_run(cache.store(), key) else read_text(TALES)
    return [Look(key, kept[place], life=life) for place in places], own


def writing(look: Look, here: Here) -> str:
    """What a moment of a life writes after the prompt."""
    _, tokenizer = cache.source(look)
    ids = here.prompt.ids if look.model == here.choice.key else tuple(tokenizer.encode(here.prompt.text))
    ids = ids or tuple(tokenizer.encode("The"))
    return text_of(tokenizer, cache.continuation(look, ids, WRITTEN, Sampling()))


def quoted(text: str) -> str:
    """The beginning of a writing on one line."""
    return " ".join(text.split())[:QUOTED].strip()


def drawn(steps: np.ndarray, shares: Sequence[RealShares]) -> go.Figure:
    """Real words and real pairs, by step."""
    return paired_lines(
        np.arange(len(steps)),
        [np.array([100 * one.words for one in shares]), np.array([100 * one.pairs for one in shares])],
        ["real words", "two real words that stand side by side in real text"],
        palette(),
        x="training step",
        y="share of what it writes (%)",
        names=[f"{step:,}" for step in steps],
    )


CARDS = (Card("gibberish", 19, 0, becoming),)
