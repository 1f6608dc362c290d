"""A question about length: what happens past the context length."""

import numpy as np

from views.cache.long_context import past_the_context
from views.cards.card import Card, Outcome
from views.figures.pairs import paired_lines
from views.here import Here
from views.picture import palette

WORSE = 0.1  # nats: more than the last places differ among themselves


def past(here: Here) -> Outcome:
    """What a token costs within the trained length, and beyond it."""
    found = past_the_context(here.look)
    if found is None:
        raise ValueError("There is no text that this model's tokenizer can read: choose another model.")
    inside = found.places <= found.trained
    if not found.refused and inside.all():
        raise ValueError("A text longer than this model was trained on takes too long to read here.")
    within, beyond = found.losses[inside], found.losses[~inside]
    last = float(within[len(within) // 2 :].mean())
    after = float(beyond.mean()) if beyond.size else float("nan")
    return Outcome(
        held=0 if found.refused else 1 if after > last + WORSE else 2,
        figure=paired_lines(
            np.arange(len(found.places)),
            [np.where(inside, found.losses, np.nan), np.where(inside, np.nan, found.losses)],
            ["within the trained length", "beyond it"],
            palette(),
            x="place in the text (tokens)",
            y="loss (nats)",
            names=[f"{place:.0f}" for place in found.places],
        ),
        seen=found.refused or f"A token costs {last:.2f} nats up to the trained length, {after:.2f} beyond",
        numbers={
            "trained": found.trained,
            "last": last,
            "after": "no answer" if found.refused else after,
            "answer": found.refused or after,
        },
    )


PAST = Card("past", 8, 1, past)
