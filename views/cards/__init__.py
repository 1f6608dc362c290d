"""Experiment cards: the questions that learners really ask, each answered by a comparison made at once."""

from views.cards import attention, training
from views.cards.card import Card, TrainingCard
from views.cards.show import play
from views.here import Here

CARDS: dict[str, tuple[Card | TrainingCard, ...]] = {  # by page
    "attention": attention.CARDS,
    "pretraining": training.CARDS,
}


def show(page: str, here: Here) -> None:
    """The cards of a page."""
    for card in CARDS.get(page, ()):
        play(card, here)
