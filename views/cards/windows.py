"""The windows' questions: which way the targets are shifted, and what the stride skips."""

import numpy as np
import torch

from core.data import target_counts
from core.shifts import losses_by_shift
from views import cache
from views.cards.card import Card, Outcome, need
from views.figures.base import visible
from views.figures.pairs import paired_lines
from views.here import Here
from views.look import tap_of
from views.picture import palette
from views.vocabulary import piece_name

LENGTH = 4  # of a window, as the page begins
WIDER = LENGTH + 2  # the other stride
CLEARLY = 0.5  # nats: an untrained model's losses differ by less, whatever it is asked
MOST_TOKENS = 48  # of the prompt, in one picture


def shift(here: Here) -> Outcome:
    """What a token costs if the target is the next one, the same one, or the one before."""
    need(here, 3, "so that a token has a neighbour on both sides")
    model, ids = cache.model_of(here.look), torch.tensor(here.prompt.ids)
    losses = losses_by_shift(model, ids, tap=tap_of(model, here.look)).numpy()
    means = losses.mean(axis=1)
    order = means.argsort()
    return Outcome(
        held=int(order[0]) if means[order[1]] > means[order[0]] + CLEARLY else 3,
        figure=paired_lines(
            np.arange(losses.shape[1])[:MOST_TOKENS],
            losses[:, :MOST_TOKENS],
            ["target: the next token", "the same token", "the one before"],
            palette(),
            x="token that was just read",
            y="loss (nats)",
            names=token_names(here)[1 : 1 + min(MOST_TOKENS, losses.shape[1])],
        ),
        seen=f"The next token costs {means[0]:.2f} nats, the same {means[1]:.2f}, the one before "
        f"{means[2]:.2f}",
        numbers=dict(zip(("next", "same", "before"), map(float, means), strict=True)),
    )


def token_names(here: Here) -> list[str]:
    """The prompt's tokens, for an axis."""
    return [visible(piece_name(piece)) for piece in here.prompt.pieces]


def stride(here: Here) -> Outcome:
    """How often each token is a target if windows follow each other, and if they leave a gap."""
    tokens = min(len(here.prompt.ids), MOST_TOKENS)
    need(here, 2 * WIDER, f"so that two windows of {LENGTH} fit in")
    closed, gapped = (target_counts(tokens, LENGTH, step).numpy() for step in (LENGTH, WIDER))
    asked = slice(1, int(closed.nonzero()[0][-1]) + 1)  # the first token is never a target, nor is the rest
    skipped, repeated = int((closed[asked] == 0).sum()), int((closed[asked] > 1).sum())
    return Outcome(
        held=1 if skipped else 2 if repeated else 0,
        figure=paired_lines(
            np.arange(tokens),
            [closed, gapped],
            [f"stride {LENGTH}", f"stride {WIDER}"],
            palette(),
            x="token",
            y="times that it is a target",
            names=token_names(here)[:tokens],
        ),
        seen=f"With a stride of {LENGTH} no token between the first and the last target is left out; "
        f"with {WIDER} {int((gapped[asked] == 0).sum())} are",
        numbers={
            "length": LENGTH,
            "wider": WIDER,
            "asked": int((closed[asked] == 1).sum()),
            "gaps": int((gapped[asked] == 0).sum()),
            "alone": len(range(0, tokens - LENGTH, LENGTH)),
        },
    )


CARDS = (Card("stride", 21, 0, stride), Card("shift", 20, 0, shift))
