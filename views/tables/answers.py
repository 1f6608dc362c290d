"""What a model would answer, as tables: by depth, as the next token, and along the branches of a walk."""

from collections.abc import Callable, Sequence

import pandas as pd

from core.branches import Node
from core.pieces import Piece
from views.components.lens import Answers
from views.components.next_tokens import Expected
from views.figures.base import visible
from views.tables.grid import listing
from views.tables.tokens import names_of


def lens(
    answers: Answers,
    depths: Sequence[str],
    pieces: Sequence[Piece],
    words: Callable[[Sequence[int]], list[str]],
    first: int = 0,
) -> pd.DataFrame:
    """Every answer at every depth after every token; beside it, the token that the text goes on with."""
    _, places, count = answers.best.shape
    names = names_of(pieces)
    follows = [None if one is None else visible(words([one])[0]) for one in answers.next]
    cells = [(row, at, rank) for row in range(len(depths)) for at in range(places) for rank in range(count)]
    return listing(
        {
            "read after": [depths[row] for row, _, _ in cells],
            "place": [first + at for _, at, _ in cells],
            "token": [names[at] for _, at, _ in cells],
            "rank": [rank + 1 for _, _, rank in cells],
            "answer": [visible(word) for word in words(answers.best.ravel().tolist())],
            "probability": answers.probs.ravel(),
            "the text goes on with": [follows[at] for _, at, _ in cells],
            "its probability": [
                None if follows[at] is None else float(answers.right[row, at]) for row, at, _ in cells
            ],
        }
    )


def next_tokens(expected: Expected) -> pd.DataFrame:
    """The likeliest tokens with logit and both probabilities; the last row is all others together."""
    others = [] if not expected.others else [f"{expected.others:,} others"]
    return listing(
        {
            "token": [*map(visible, expected.texts), *others],
            "logit": [*expected.logits.tolist(), *[None] * len(others)],
            "the model's own probability": [*expected.own.tolist(), *[expected.others_own] * len(others)],
            "probability as drawn": [*expected.drawn.tolist(), *[expected.others_drawn] * len(others)],
        }
    )


def branches(nodes: Sequence[Node], texts: Sequence[str], chances: Sequence[float]) -> pd.DataFrame:
    """Each token of the tree with the number of the one before it, and the probability that it had.

    The prompt is number 0.
    """
    table = listing(
        {
            "number": range(len(nodes)),
            "after": [node.parent for node in nodes],
            "token": ["the prompt", *map(visible, texts[1:])],
            "id": [node.path[-1] if node.path else None for node in nodes],
            "depth": [len(node.path) for node in nodes],
            "probability": [None, *chances[1:]],
        }
    )
    return table.astype({"after": "Int64", "id": "Int64", "probability": float})
