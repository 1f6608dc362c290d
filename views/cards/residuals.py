"""The residuals' question: why shortcuts."""

from collections.abc import Sequence

import numpy as np

from core.gradients import MOST_TOKENS, DeepNetwork
from views import cache
from views.cards.card import Card, Outcome, TrainingCard, need
from views.cards.courses import finite
from views.course import Course
from views.figures.pairs import paired_lines
from views.here import Here
from views.picture import palette

DEPTH = 12  # blocks, as in GPT-2 small
HALF = 0.5  # of the other network's share of gradient: less is clearly less
CLEARLY = 0.1  # nats: a difference that another seed would not make


def shortcuts(here: Here) -> Outcome:
    """How much of the last layer's gradient arrives at the first, with shortcuts and without."""
    need(here, 2, "so that a GPT has a token to foretell")
    text = {"ids": here.prompt.ids[:MOST_TOKENS], "vocab_size": here.config.vocab_size}
    plain = gradients(norm=False)
    blocks = [share(one) for one in gradients(norm=True, **text)]
    with_them, without = map(share, plain)
    return Outcome(
        held=0 if without < HALF * with_them else 2 if without > with_them / HALF else 1,
        figure=paired_lines(
            np.arange(1, DEPTH + 1),
            [one / one[-1] for one in plain],
            ["with shortcuts", "without"],
            palette(),
            x="layer",
            y="gradient, last layer = 1",
            log=True,
        ),
        seen=f"The first of {DEPTH} layers gets {with_them:.2g} of the last one's gradient, "
        f"{without:.2g} without shortcuts",
        numbers={
            "one": with_them,
            "other": without,
            "blocks_one": blocks[0],
            "blocks_other": blocks[1],
            "depth": DEPTH,
        },
    )


def gradients(norm: bool, **text: object) -> list[np.ndarray]:
    """Gradients by depth, (L,) each, with shortcuts and without, of linear layers or of a GPT with a text."""
    networks = [DeepNetwork(depth=DEPTH, residual=residual, norm=norm, **text) for residual in (True, False)]
    return [np.array(cache.gradients_by_depth(network)) for network in networks]


def share(by_depth: np.ndarray) -> float:
    """The first layer's gradient over the last one's; 0 where nothing arrives anywhere."""
    return float(by_depth[0] / by_depth[-1]) if by_depth[-1] else 0.0


def trained_deep(courses: Sequence[Course]) -> Outcome:
    """Whose validation loss ends lower: twelve blocks with shortcuts, or without."""
    with_them, without = finite(courses)
    return Outcome(
        held=0 if with_them < without - CLEARLY else 1 if without < with_them - CLEARLY else 2,
        seen=f"With shortcuts the loss ends at {with_them:.2f} nats, without at {without:.2f}",
        numbers={
            "one": with_them,
            "other": without,
            "sample": " ".join(courses[1].sample[:60].split()),
        },
    )


CARDS = (
    Card("shortcuts", 11, 0, shortcuts),
    TrainingCard("deep", 11, 0, "no_residual", trained_deep),
)
