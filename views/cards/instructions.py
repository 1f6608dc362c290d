"""The questions of fine-tuning on instructions: what -100 is, and why a model does not stop."""

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F

from core.instruct import IGNORED, encode_item, end_token
from core.losses import at_rest
from core.templates import PLAIN
from core.token_roles import FILLING, ROLES, Row, role_rows
from core.training import next_token_loss
from runs.tuning import Instruct
from views import cache
from views.cache.instructing import items_of
from views.cards.card import Card, Outcome, TuningCard
from views.course import Course
from views.figures.pairs import paired_bars
from views.here import Here
from views.look import tap_of
from views.picture import palette
from views.text import percent

CLEARLY = 0.1  # nats
ROWS = 4  # of the batch: a short item, and longer ones
STOPPED = "stopped"
SELDOM, OFTEN = 0.2, 0.8  # shares of the answers


def filling(here: Here) -> Outcome:
    """One batch, its loss with and without the tokens that only fill rows up."""
    try:
        rows = batch(here)
    except ValueError as error:
        raise ValueError(f"Here it cannot be shown: {error}. Choose another model on the left.") from error
    nats, roles = nats_of(here, rows), np.array([role for row in rows for role in row.roles[1:]])
    counted = np.array([target != IGNORED for row in rows for target in row.targets])
    parts = [parts_of(nats, roles, one) for one in (counted | (roles == FILLING), counted)]
    with_it, without = (float(sum(part)) for part in parts)
    share = float((roles == FILLING).sum() / (counted | (roles == FILLING)).sum())
    return Outcome(
        held=1 if abs(with_it - without) > CLEARLY else 0,
        figure=paired_bars(
            ROLES,
            parts,
            ["the filling counts", "-100 for the filling"],
            palette(),
            x="its part of the loss (nats)",
        ),
        seen=f"With the filling the loss is {with_it:.2f} nats, without it {without:.2f}",
        numbers={"with": f"{with_it:.2f}", "without": f"{without:.2f}", "share": percent(share)}
        | book_losses(),
    )


def batch(here: Here) -> list[Row]:
    """The shortest item and the longest ones: rows that need filling. Only the answers and ends count."""
    end_id = end_token(here.tokenizer)
    examples = [
        encode_item(item, PLAIN, here.tokenizer, here.config.context_length)
        for item in items_of(Instruct().each)[0]
    ]
    by_length = sorted(examples, key=lambda example: len(example.ids))
    return role_rows([*by_length[: ROWS - 1], by_length[-1]], end_id, mask_prompt=True)


def nats_of(here: Here, rows: Sequence[Row]) -> np.ndarray:
    """What each token of the rows costs the chosen model, counted or not: (B * T,)."""
    model, ids = cache.model_of(here.look), torch.tensor([row.ids for row in rows])
    with at_rest(model):
        logits = model(ids[:, :-1], tap_of(model, here.look))  # (B, T, V)
    return F.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten(), reduction="none").numpy()


def parts_of(nats: np.ndarray, roles: np.ndarray, counted: np.ndarray) -> np.ndarray:
    """How much each kind of token adds to the mean of those that count: (4,), their sum is the loss."""
    return np.array([nats[counted & (roles == role)].sum() / counted.sum() for role in ROLES])


def book_losses() -> dict[str, str]:
    """The book's example (7.3): two tokens, a third one, and that one again with the target -100."""
    logits = torch.tensor([[-1.0, 1.0], [-0.5, 1.5], [-0.5, 1.5]])
    two = next_token_loss(logits[:2], torch.tensor([0, 1]))
    three = next_token_loss(logits, torch.tensor([0, 1, 1]))
    hidden = next_token_loss(logits, torch.tensor([0, 1, IGNORED]))
    return {"two": f"{two:.4f}", "three": f"{three:.4f}", "hidden": f"{hidden:.4f}"}


def stops(courses: Sequence[Course]) -> Outcome:
    """Whether answers come to an end, with the end token among the targets and without."""
    with_it, without = map(stopped, courses)
    return Outcome(
        held=0 if without >= OFTEN else 2 if with_it < OFTEN or without > SELDOM else 1,
        seen=f"With the end token {with_it:.0%} of the answers stop, without it {without:.0%}",
        numbers={"with": percent(with_it), "without": percent(without)},
    )


def stopped(course: Course) -> float:
    """The share of answers that ended by themselves, when last asked. ValueError if a run never was."""
    found = course.scores.get(STOPPED, ())
    if not len(found):
        raise ValueError("A run ended before it was ever asked anything. Start it again in Runs.")
    return float(found[-1])


CARDS = (
    Card("ignored", 25, 1, filling),
    TuningCard(
        "stops",
        25,
        1,
        one=("end token learned", Instruct(mask_prompt=True)),
        other=("end token left out", Instruct(mask_prompt=True, end_in_targets=False)),
        score=STOPPED,
        judge=stops,
        steps=160,  # what an end is, is learned long before the right answers
    ),
)
