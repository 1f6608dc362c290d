"""What the Embeddings page draws, as arrays and names: the sum of rows, the map, and a swap of two tokens."""

from dataclasses import dataclass

import numpy as np

from core.embeddings import one_hot_product, swapped
from views import cache, next_token
from views.figures.base import visible
from views.here import Here
from views.text import shown
from views.vocabulary import piece_name

MOST_ROWS = 4000  # on one map: as much as a repaint may send
NO_ROWS = {
    "rotary": "This model adds no position rows: it turns queries and keys in attention instead.",
    "none": "This model adds no position rows: order comes from the causal mask alone.",
}


@dataclass(frozen=True)
class Rows:
    """Vectors one above the other, (N, C), and what each is."""

    vectors: np.ndarray
    names: list[str]

    def length(self, row: int) -> float:
        """Euclidean length of one vector; 0 if there is no such row."""
        return float(np.linalg.norm(self.vectors[row])) if row < len(self.vectors) else 0.0

    def cosine(self, first: int, second: int) -> float:
        """How far two vectors point the same way; 0 if one is missing or has no length."""
        lengths = self.length(first) * self.length(second)
        return float(self.vectors[first] @ self.vectors[second]) / lengths if lengths else 0.0


def token_names(here: Here) -> list[str]:
    """The prompt's tokens, with visible white space."""
    return [visible(piece_name(piece)) for piece in here.prompt.pieces]


def input_rows(here: Here) -> Rows:
    """Row of the token, row of its position, and their sum; the first alone if positions have no rows."""
    seen, at = cache.look_at_input(here.look, here.prompt.ids), here.token
    names = {"tok_emb": f"token {token_names(here)[at]}", "pos_emb": f"+ position {at}", "embedded": "= sum"}
    parts = ["tok_emb"] if here.config.position in NO_ROWS else list(names)
    return Rows(np.stack([seen[part][at] for part in parts]), [names[part] for part in parts])


def one_hot_gap(here: Here) -> float:
    """Largest difference between the chosen token's row and one-hot times the table."""
    model, _ = cache.source(here.look)
    table, token = model.tok_emb.weight, here.prompt.ids[here.token]
    return float((one_hot_product(table, token) - table[token]).abs().max())


@dataclass(frozen=True)
class Map:
    """Tokens as points: (N, 3), with names; groups and the chosen token by their place among the points."""

    points: np.ndarray
    names: list[str]
    shares: list[float]
    marked: dict[str, list[int]]
    chosen: int
    caption: str


def token_map(here: Here, search: str) -> Map:
    """The token table, or its first rows and the prompt's; lit up: what was searched for, or the prompt."""
    ids, vocabulary = here.prompt.ids, cache.vocabulary(here.look)
    first, others = min(len(vocabulary), MOST_ROWS), tuple(sorted({i for i in ids if i >= MOST_ROWS}))
    points, shares = cache.token_map(here.look, first, others)
    names = [*vocabulary[:first], *(vocabulary[row] for row in others)]
    places = {row: place for place, row in enumerate((*range(first), *others))}
    marked = {"in the prompt": sorted({places[i] for i in ids})}
    if search:
        wanted = visible(search).lower()
        found = [place for place, name in enumerate(names) if wanted in visible(name).lower()]
        marked = {f"{len(found):,} contain “{visible(search)}”": found}
    part = "All" if first == len(vocabulary) else f"The first {MOST_ROWS:,}, and the prompt's, of"
    caption = f"{part} {len(vocabulary):,} rows. Drag to zoom, double-click to go back."
    return Map(points, names, shares, marked, places[ids[here.token]], caption)


def neighbours(here: Here, by: str) -> tuple[list[str], list[float]]:
    """The tokens nearest to the chosen one, and their cosines or distances."""
    vocabulary = cache.vocabulary(here.look)
    found = cache.neighbours(here.look, here.prompt.ids[here.token], by)
    return [vocabulary[row] for row, _ in found], [value for _, value in found]


@dataclass(frozen=True)
class Swap:
    """What two tokens in each other's place change."""

    rows: Rows  # what the model reads of the first token: before, after, difference
    token_gap: float  # largest difference in the token's own row: 0
    moved: float  # share of the next token's probability that moves elsewhere


def swap(here: Here, first: int, second: int) -> Swap:
    """Put two tokens of the prompt in each other's place."""
    ids, name = here.prompt.ids, token_names(here)[first]
    changed = swapped(ids, first, second)
    before, after = (cache.look_at_input(here.look, one) for one in (ids, changed))
    pair = before["embedded"][first], after["embedded"][second]
    names = [f"{name} at {first}", f"{name} at {second}", "difference"]
    gap = np.abs(before["tok_emb"][first] - after["tok_emb"][second]).max()
    probs = [next_token.probabilities(here.look, one) for one in (ids, changed)]
    moved = np.abs(probs[0] - probs[1]).sum() / 2
    return Swap(Rows(np.stack([*pair, pair[1] - pair[0]]), names), float(gap), float(moved))


def where_sentence(here: Here, rows: Rows) -> str:
    """How this model tells where a token stands."""
    if here.config.position in NO_ROWS:
        return NO_ROWS[here.config.position]
    length, overlap = shown(rows.length(1)), shown(rows.cosine(0, 1))
    return (
        f"The row of position {here.token} has length {length}, and its cosine with the token's row is "
        f"{overlap}: what and where can share the same {here.config.emb_dim} numbers."
    )


def numbers(here: Here, rows: Rows, near: tuple[list[str], list[float]], swap: Swap) -> dict[str, object]:
    """What the lesson's sentences are filled with."""
    names, values = near
    return {
        "token": token_names(here)[here.token],
        "id": here.prompt.ids[here.token],
        "width": here.config.emb_dim,
        "gap": one_hot_gap(here),
        "token_length": rows.length(0),
        "where": where_sentence(here, rows),
        "near": visible(names[0]) if names else "–",
        "nearness": values[0] if names else 0.0,
        "chance": here.config.emb_dim**-0.5,
        "moved": f"{swap.moved:.1%}",
    }
