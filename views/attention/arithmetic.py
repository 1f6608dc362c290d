"""Sums written out: how one cell of a small matrix came about, with its numbers put in."""

from collections.abc import Callable, Sequence

import numpy as np

MOST_TERMS = 6  # of a sum, in one line


def number(value: float, digits: int = 4) -> str:
    """A number with the book's four digits, and a true minus."""
    if np.isneginf(value):
        return "−∞"
    return f"{value + 0:.{digits}f}".replace("-", "−")


def factor(value: float, digits: int = 4) -> str:
    """A number to be multiplied, in brackets if it is negative."""
    return f"({number(value, digits)})" if value < 0 else number(value, digits)


def product(one: Sequence[float], other: Sequence[float], digits: tuple[int, int] = (4, 4)) -> str:
    """A dot product: `0.55·0.43 + 0.87·0.15 + 0.66·0.89 = 0.9544`; of a long one the largest terms."""
    one, other = np.asarray(one, dtype=float), np.asarray(other, dtype=float)
    terms = np.arange(len(one))
    if len(one) > MOST_TERMS:
        terms = np.argsort(-np.abs(one * other))[: MOST_TERMS // 2]
    told = " + ".join(f"{factor(one[i], digits[0])}·{factor(other[i], digits[1])}" for i in terms)
    more = len(one) - len(terms)
    return f"{told}{f' + {more} more' if more else ''} = {number(one @ other)}"


def mixture(weights: Sequence[float], values: Sequence[float], digits: int = 4) -> str:
    """Values, each times its weight; those without weight are left out."""
    weights, values = np.asarray(weights), np.asarray(values)
    seen = weights != 0
    if not seen.any():
        return "all weights are 0: nothing is mixed in, 0"
    return product(weights[seen], values[seen], (4, digits))


def share(scores: Sequence[float], place: int) -> str:
    """Softmax of one score in its row: `exp(0.9544) / (sum of 6) = 2.5971 / 18.7538 = 0.1385`."""
    scores = np.asarray(scores, dtype=float)
    if np.isneginf(scores[place]):
        return "exp(−∞) = 0: this word comes later, and gets nothing"
    powers = np.exp(scores)
    count = int(np.isfinite(scores).sum())
    of = f"the sum of {count} such powers" if count > 1 else "itself, as nothing else is seen"
    return (
        f"exp({number(scores[place])}) / {of} = {number(powers[place])} / {number(powers.sum())} = "
        f"{number(powers[place] / powers.sum())}"
    )


def cells(rows: int, columns: int, write: Callable[[int, int], str]) -> list[list[str]]:
    """A line for every cell."""
    return [[write(row, column) for column in range(columns)] for row in range(rows)]
