"""Tokens as rows: what they are, what they cost, and how a window or a merge puts them together."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from core.merge_tree import Node
from core.pieces import Piece
from views.figures.base import visible
from views.tables.grid import listing
from views.vocabulary import piece_name


def names_of(pieces: Sequence[Piece]) -> list[str]:
    """Tokens as the pictures write them."""
    return [visible(piece_name(piece)) for piece in pieces]


def tokens(pieces: Sequence[Piece]) -> pd.DataFrame:
    """Each token with its place, number, bytes and text."""
    return listing(
        {
            "place": range(len(pieces)),
            "token": names_of(pieces),
            "id": [piece.id for piece in pieces],
            "bytes": [piece.bytes.hex(" ") for piece in pieces],
            "text": [piece.text for piece in pieces],
        }
    )


def costs(rows: Sequence[tuple[Sequence[Piece], Sequence[float]]], unit: str = "nats") -> pd.DataFrame:
    """Each token with what it cost and the probability that it had been given; empty where it was given."""
    base = 2.0 if unit == "bits" else math.e
    told = [
        (row, place, visible(piece_name(piece)), piece.id, cost, base**-cost)
        for row, (pieces, values) in enumerate(rows)
        for place, (piece, cost) in enumerate(zip(pieces, values, strict=True))
    ]
    names = ("row", "place", "token", "id", unit, "probability")
    table = listing({name: [one[i] for one in told] for i, name in enumerate(names)})
    return table if len(rows) > 1 else table.drop(columns="row")


def window(
    pieces: Sequence[Piece], start: int | None, length: int, cut: int, chances: Sequence[float] | None
) -> pd.DataFrame:
    """A text's tokens: which part they belong to, and what a window of them reads and asks for."""
    places = np.arange(len(pieces))
    within = places - (len(pieces) if start is None else start)  # 0 for the first input
    asked = np.full(len(pieces), np.nan)
    if chances is not None and start is not None:
        asked[start + 1 : start + 1 + length] = chances
    return listing(
        {
            "place": places,
            "token": names_of(pieces),
            "id": [piece.id for piece in pieces],
            "part": np.where(places < cut, "training", "validation"),
            "input": (within >= 0) & (within < length),
            "target": (within >= 1) & (within <= length),
            "its probability": asked,
        }
    )


def counts(pieces: Sequence[Piece], cut: int, times: Sequence[int]) -> pd.DataFrame:
    """How often each token of a text is a target, in which part."""
    return listing(
        {
            "place": range(len(pieces)),
            "token": names_of(pieces),
            "part": ["training" if place < cut else "validation" for place in range(len(pieces))],
            "times a target": times,
        }
    )


def race(pairs: Sequence[tuple[tuple[bytes, bytes], int]], curve: Sequence[int] = ()) -> pd.DataFrame:
    """The most frequent pairs with their counts; beside them, what the text costs after each merge."""
    names = [[text_of(part) for part in pair] for pair, _ in pairs]
    found = listing(
        {
            "first": [first for first, _ in names],
            "second": [second for _, second in names],
            "times": [count for _, count in pairs],
        }
    )
    costs = listing({"merges": range(len(curve)), "tokens of the text": curve})
    return pd.concat([found, costs], axis=1) if len(curve) else found


def merges(trees: Sequence[Node]) -> pd.DataFrame:
    """Every node of a word's trees after its parts: the merge that made it, and the two that it glued."""
    nodes = [node for tree in trees for node in within(tree)]
    parts = [[text_of(part.token) for part in node.parts] or ["", ""] for node in nodes]
    table = listing(
        {
            "token": [text_of(node.token) for node in nodes],
            "bytes": [node.token.hex(" ") for node in nodes],
            "merge": [node.number for node in nodes],
            "first": [first for first, _ in parts],
            "second": [second for _, second in parts],
        }
    )
    return table.astype({"merge": "Int64"})  # a byte has none


def within(node: Node) -> list[Node]:
    """A node and all below it, parts first."""
    return [one for part in node.parts for one in within(part)] + [node]


def text_of(token: bytes) -> str:
    """A token's bytes as the pictures write them."""
    text = token.decode("utf-8", "replace")
    return visible(piece_name(Piece(0, token, text, 0, 0)))
