"""The book's example step by step: for each step what goes in and what comes out, as matrices."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from torch import Tensor

from core import by_hand
from core.by_hand import INPUTS, WORDS, Steps
from views.attention.arithmetic import cells, factor, mixture, number, product, share
from views.components import Matrix

X = INPUTS.numpy()
DROP = 0.5
HIDDEN = "−∞: «{}» comes after «{}»"


@dataclass(frozen=True)
class Step:
    """One step of the book: its section, what goes in, and what comes out."""

    section: str
    source: Matrix
    result: Matrix


def inputs() -> Matrix:
    """The six words, three numbers each."""
    return Matrix("The words X", X, WORDS, ("x1", "x2", "x3"), digits=2)


def square(
    title: str,
    values: Tensor,
    write: Callable[[int, int], str],
    kind: str = "signed",
    hidden: Tensor | None = None,
) -> Matrix:
    """A row a query, a column a key; `hidden` cells are behind the mask."""
    masked = None if hidden is None else hidden.isneginf().numpy()
    formulas = cells(6, 6, write)
    return Matrix(title, values.numpy(), WORDS, WORDS, formulas, kind, roles=("key",) * 6, masked=masked)


def named(sign: str, count: int) -> tuple[str, ...]:
    """Names of columns: z1, z2, z3."""
    return tuple(f"{sign}{i + 1}" for i in range(count))


def score_matrix(found: Steps, digits: int = 4) -> Matrix:
    """Every query with every key."""
    queries, keys = found.queries.numpy(), found.keys.numpy()
    return square(
        "Scores, queries · keys", found.scores, lambda r, c: product(queries[r], keys[c], (digits, digits))
    )


def scaled_matrix(found: Steps) -> Matrix:
    """Scores over the root of the width."""
    scores, width = found.scores.numpy(), found.keys.shape[1]
    return square(
        f"Scores / √{width}",
        found.scaled,
        lambda r, c: f"{number(scores[r, c])} / √{width} = {number(scores[r, c] / width**0.5)}",
    )


def masked_matrix(found: Steps) -> Matrix:
    """Scores with the future hidden."""
    masked = found.masked.numpy()

    def write(r: int, c: int) -> str:
        return HIDDEN.format(WORDS[c], WORDS[r]) if c > r else f"{number(masked[r, c])}: it stays"

    return square("Scores, the future hidden", found.masked, write)


def weight_matrix(found: Steps) -> Matrix:
    """Softmax of each row."""
    masked = found.masked.numpy()
    title = "Weights, softmax of each row"
    return square(title, found.weights, lambda r, c: share(masked[r], c), "share", found.masked)


def dropped_matrix(found: Steps) -> Matrix:
    """Weights after dropout."""
    weights, dropped = found.weights.numpy(), found.dropped.numpy()

    def write(r: int, c: int) -> str:
        if c > r:
            return "0: hidden by the mask"
        if dropped[r, c] == 0:
            return f"{number(weights[r, c])} is dropped: 0"
        return f"{number(weights[r, c])} / (1 − {DROP}) = {number(dropped[r, c])}"

    return square(f"Weights after dropout {DROP}", found.dropped, write, "share", found.masked)


def context_matrix(found: Steps, digits: int = 4) -> Matrix:
    """The values, mixed by the weights."""
    weights, values = found.dropped.numpy(), found.values.numpy()
    count = values.shape[1]
    return Matrix(
        "Context, weights · values",
        found.context.numpy(),
        WORDS,
        named("z", count),
        cells(6, count, lambda r, c: mixture(weights[r], values[:, c], digits)),
        roles=("value",) * count,
    )


def projected_matrix(found: Steps, projections: by_hand.Projections) -> Matrix:
    """Queries, keys and values side by side."""
    values = np.hstack([part.numpy() for part in (found.queries, found.keys, found.values)])
    wide = np.hstack([W.numpy() for W in projections])
    return Matrix(
        "Queries, keys, values",
        values,
        WORDS,
        tuple(f"{sign}{i}" for sign in "qkv" for i in (1, 2)),
        cells(6, 6, lambda r, c: product(X[r], wide[:, c], (2, 4))),
        roles=tuple(role for role in ("query", "key", "value") for _ in range(2)),
    )


def without_weights() -> list[Step]:
    """Book 3.3: a word is its own query, key and value."""
    found = by_hand.attend(INPUTS)
    scores, weights = score_matrix(found, digits=2), weight_matrix(found)
    return [
        Step("3.3", inputs(), scores),
        Step("3.3", scores, weights),
        Step("3.3", weights, context_matrix(found, digits=2)),
    ]


def with_weights() -> list[Step]:
    """Book 3.4.1: three matrices of random numbers, seed 123."""
    projections = by_hand.even_projections()
    found = by_hand.attend(INPUTS, projections)
    projected, scores, scaled = (
        projected_matrix(found, projections),
        score_matrix(found),
        scaled_matrix(found),
    )
    weights = weight_matrix(found)
    return [
        Step("3.4.1", inputs(), projected),
        Step("3.4.1", projected, scores),
        Step("3.4.1", scores, scaled),
        Step("3.4.1", scaled, weights),
        Step("3.4.1", weights, context_matrix(found)),
    ]


def masked_and_dropped() -> list[Step]:
    """Book 3.4.2 and 3.5: `nn.Linear`'s weights, seed 789, then the mask, softmax, and dropout, seed 123."""
    [projections] = by_hand.linear_projections(789)
    found = by_hand.attend(INPUTS, projections, causal=True, drop_rate=DROP)
    scaled, masked, weights = scaled_matrix(found), masked_matrix(found), weight_matrix(found)
    return [
        Step("3.5.1", scaled, masked),
        Step("3.5.1", masked, weights),
        Step("3.5.2", weights, dropped_matrix(found)),
    ]


def several_heads() -> list[Step]:
    """Book 3.6: two heads side by side, and one projection cut into two heads; seed 123."""
    heads = by_hand.linear_projections(123, heads=2)
    split = by_hand.split_heads(INPUTS)
    joined = head_columns(heads, by_hand.side_by_side(INPUTS, heads), "Two heads side by side")
    cut = head_columns(split.heads, split.joined, "Two heads of one number each")
    weight, bias, rows = split.out_weight.numpy(), split.out_bias.numpy(), split.joined.numpy()

    def write(r: int, c: int) -> str:
        told = product(rows[r], weight[:, c]).split(" = ")[0]
        return f"{told} + {factor(bias[c])} = {number(float(split.out[r, c]))}"

    out = Matrix("After the output projection", split.out.numpy(), WORDS, ("o1", "o2"), cells(6, 2, write))
    return [Step("3.6.1", inputs(), joined), Step("3.6.2", inputs(), cut), Step("3.6.2", cut, out)]


def head_columns(heads: Sequence[by_hand.Projections], joined: Tensor, title: str) -> Matrix:
    """The context vectors of several heads, column beside column."""
    found = [context_matrix(by_hand.attend(INPUTS, head, causal=True)) for head in heads]
    formulas = [[cell for one in found for cell in one.formulas[row]] for row in range(len(WORDS))]
    names = [f"head {i} {name}" for i, one in enumerate(found) for name in one.columns]
    roles = ("value",) * len(names)
    return replace(
        found[0], title=title, values=joined.numpy(), columns=names, formulas=formulas, roles=roles
    )


STEPS = [*without_weights(), *with_weights(), *masked_and_dropped(), *several_heads()]
