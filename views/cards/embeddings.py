"""The embeddings' question: why positions."""

import numpy as np

from core.bag_of_words import logits_without_positions
from core.embeddings import swapped
from core.sampling import next_token_probs
from views import cache, next_token
from views.cards.card import Card, Outcome, need
from views.figures.base import visible
from views.figures.pairs import paired_bars
from views.here import Here
from views.look import tap_of
from views.picture import palette
from views.text import percent
from views.vocabulary import piece_name, token_texts

FELT = 0.02  # a share of 1: less is nothing to be seen
ROUNDING = 1e-4  # a share of 1 that single precision may move by itself


def order(here: Here) -> Outcome:
    """What moves if two tokens change places: as trained, and as a bag of words."""
    need(here, 3, "two to change places, and a last one to ask")
    first, second = two_places(here)
    ids, other = here.prompt.ids, swapped(here.prompt.ids, first, second)
    own = [next_token.probabilities(here.look, one) for one in (ids, other)]
    bag = [without_positions(here, one, causal=False) for one in (ids, other)]
    masked = [without_positions(here, one, causal=True) for one in (ids, other)]
    moved, moved_bag, moved_masked = (float(np.abs(one - two).sum() / 2) for one, two in (own, bag, masked))
    best = next_token.likeliest(here.tokenizer, own[0] + own[1], 6)[0]
    tokens = [visible(piece_name(here.prompt.pieces[place])) for place in (first, second)]
    return Outcome(
        held=0 if moved_bag > FELT else 1 if moved > FELT > ROUNDING > moved_bag else 2,
        figure=paired_bars(
            token_texts(here.tokenizer, best.tolist()),
            [100 * np.abs(one - two)[best] for one, two in (own, bag)],
            ["with positions", "no positions, no mask"],
            palette(),
            x="moved by the swap (percentage points)",
            tokens=True,
        ),
        seen=f"The swap moves {moved:.1%} of the next token's probability, {moved_bag:.1%} without positions",
        numbers={
            "first": tokens[0],
            "second": tokens[1],
            "moved": percent(moved),
            "bag": moved_bag,
            "masked": percent(moved_masked),
        },
    )


def two_places(here: Here) -> tuple[int, int]:
    """Two different tokens before the last one, as near to it as there are."""
    ids = here.prompt.ids[:-1]
    pairs = ((one, two) for two in range(len(ids) - 1, 0, -1) for one in range(two - 1, -1, -1))
    found = next(((one, two) for one, two in pairs if ids[one] != ids[two]), None)
    if found is None:
        raise ValueError("All tokens but the last are the same: a swap changes nothing. Write another word.")
    return found


def without_positions(here: Here, ids: tuple[int, ...], *, causal: bool) -> np.ndarray:
    """Probabilities of the next token, with no token told where it stands."""
    model = cache.model_of(here.look)
    logits = logits_without_positions(model, ids, causal=causal, tap=tap_of(model, here.look))
    return next_token_probs(logits).numpy()


CARDS = (Card("order", 7, 1, order),)
