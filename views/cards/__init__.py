"""Experiment cards: the questions that learners really ask, each answered by a comparison made at once."""

from views.cards import (
    activations,
    anatomy,
    attention,
    classification,
    embeddings,
    far,
    heads,
    home,
    instructions,
    layer_norm,
    logits,
    residuals,
    sampling,
    tokenizer,
    training,
    windows,
)
from views.cards.card import Card, TrainingCard, TuningCard
from views.cards.show import play
from views.here import Here

CARDS: dict[str, tuple[Card | TrainingCard | TuningCard, ...]] = {  # by page
    "home": home.CARDS,
    "tokenizer": tokenizer.CARDS,
    "windows": windows.CARDS,
    "embeddings": embeddings.CARDS,
    "attention": (*attention.CARDS, heads.SPLIT, attention.DROPOUT, far.PAST),
    "layer_norm": layer_norm.CARDS,
    "activations": activations.CARDS,
    "residuals": residuals.CARDS,
    "interventions": (heads.MISSED,),
    "logits": logits.CARDS,
    "anatomy": anatomy.CARDS,
    "pretraining": training.PRETRAINING,
    "runs": training.RUNS,
    "classification": classification.CARDS,
    "instructions": instructions.CARDS,
    "sampling": sampling.CARDS,
    "bring": (heads.TRANSPOSE,),
}


def show(page: str, here: Here) -> None:
    """The cards of a page."""
    for card in CARDS.get(page, ()):
        play(card, here)
