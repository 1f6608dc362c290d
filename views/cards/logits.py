"""The logits' question: the loss starts at 10, is that right?"""

import math

import numpy as np
import torch

from core.gpt import build_model, parameter_count
from core.losses import token_losses
from views import cache
from views.cards.card import Card, Outcome, need
from views.figures.base import visible
from views.figures.pairs import paired_lines
from views.here import Here
from views.look import tap_of
from views.picture import palette
from views.vocabulary import piece_name

NEAR = 0.5  # nats: an untrained model is about as good as guessing, but not exactly
MOST_NUMBERS = 20_000_000  # of a model that is made for one look
MOST_TOKENS = 48  # of the prompt, in one picture


def at_first(here: Here) -> Outcome:
    """What the prompt costs an untrained model of the same shape, and the chosen one."""
    need(here, 2, "so that there is one to foretell")
    if (count := parameter_count(here.config)) > MOST_NUMBERS:
        raise ValueError(
            f"An untrained model of this size has {count:,} numbers: at most {MOST_NUMBERS:,} are made here. "
            "Choose a smaller model on the left."
        )
    ids, model = torch.tensor(here.prompt.ids), cache.model_of(here.look)
    untrained = token_losses(build_model(here.config), ids).numpy()
    trained = token_losses(model, ids, tap_of(model, here.look)).numpy()
    even, first, now = math.log(here.config.vocab_size), float(untrained.mean()), float(trained.mean())
    shown = min(len(trained), MOST_TOKENS)
    return Outcome(
        held=1 if abs(first - even) < NEAR else 0 if first < even else 2,
        figure=paired_lines(
            np.arange(shown),
            [np.full(shown, even), untrained[:shown], trained[:shown]],
            ["guessing evenly: ln V", "untrained", "the chosen model"],
            palette(),
            x="token to foretell",
            y="loss (nats)",
            names=[visible(piece_name(piece)) for piece in here.prompt.pieces[1 : shown + 1]],
        ),
        seen=f"Guessing costs {even:.2f} nats, the untrained model {first:.2f}, the chosen one {now:.2f}",
        numbers={
            "vocab": here.config.vocab_size,
            "even": f"{even:.2f}",
            "first": f"{first:.2f}",
            "now": f"{now:.2f}",
            "book": f"{math.log(50257):.3f}",
            "times": math.exp(min(now, 50.0)),
        },
    )


CARDS = (Card("ten", 16, 1, at_first),)
