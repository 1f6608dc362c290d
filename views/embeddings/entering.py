"""What goes in: a row of the token table, the row of its place, and their sum."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from core.embeddings import one_hot_product
from views import cache, ui
from views.components.strips import strips
from views.figures.base import visible
from views.here import Here
from views.tables.grid import grid
from views.text import safe, shown
from views.vocabulary import piece_name

AROUND = 3  # rows of the table on each side of the chosen one
NO_ROWS = {
    "rotary": "This model adds no position rows: it turns queries and keys in attention instead.",
    "none": "This model adds no position rows: order comes from the causal mask alone.",
}


@dataclass(frozen=True)
class Rows:
    """Vectors one above the other, (N, C), and what each is."""

    vectors: np.ndarray
    names: list[str]

    def table(self) -> pd.DataFrame:
        """A row for each number, a column for each vector, as a spreadsheet has them."""
        return grid(self.vectors.T, range(self.vectors.shape[1]), self.names, "dimension")

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


@dataclass(frozen=True)
class LookUp:
    """The rows of the table around a token's, and the long way to it."""

    rows: Rows  # (R, C)
    one_hot: np.ndarray  # (R,) the same part of the one-hot vector
    chosen: int  # which of the rows
    gap: float  # largest difference between one-hot times table and the row


def look_up(here: Here) -> LookUp:
    """The chosen token's row among its neighbours by number, and one-hot times the whole table."""
    model, _ = cache.source(here.look)
    table, token = model.tok_emb.weight, here.prompt.ids[here.token]
    numbers = range(max(0, token - AROUND), min(len(table), token + AROUND + 1))
    vocabulary = cache.vocabulary(here.look)
    names = [f"{visible(vocabulary[row])}\u2002{row}" for row in numbers]
    one_hot = np.array([float(row == token) for row in numbers], dtype=np.float32)
    gap = float((one_hot_product(table, token) - table[token]).abs().max())
    rows = Rows(table[numbers.start : numbers.stop].numpy(), names)
    return LookUp(rows, one_hot, numbers.index(token), gap)


def show(here: Here) -> dict[str, object]:
    """The look-up, and the sum if there is one; the numbers of the lesson."""
    rows, found = input_rows(here), look_up(here)
    size, token = here.config.vocab_size, here.prompt.ids[here.token]
    strips(
        found.rows.vectors,
        found.rows.names,
        framed=found.chosen,
        heads=("one-hot", [f"{number:.0f}" for number in found.one_hot]),
        axis="dimension of the embedding",
        scale=ui.palette().diverging,
        key="embeddings_look_up",
        label=f"{len(found.rows.names)} of the {size:,} rows of the token table, row {token:,} framed",
    )
    told = f"One-hot × table and row {token:,} differ by **{found.gap:g}** at most. {safe(here.model_name)}."
    ui.below("embeddings_look_up", found.rows.table, told, ("png",))
    if here.config.position in NO_ROWS:
        st.markdown(f"{NO_ROWS[here.config.position]} So the framed row is all that enters the first block.")
    else:
        strips(
            rows.vectors,
            rows.names,
            axis="dimension of the embedding",
            scale=ui.palette().diverging,
            sums=True,
            key="embeddings_sum",
            label=f"{', '.join(rows.names)}: what enters the first block is the sum, number by number",
        )
        ui.below("embeddings_sum", rows.table, formats=("png",))
    return numbers(here, rows, found)


def numbers(here: Here, rows: Rows, found: LookUp) -> dict[str, object]:
    """What the lesson's sentences are filled with."""
    return {
        "token": token_names(here)[here.token],
        "id": here.prompt.ids[here.token],
        "width": here.config.emb_dim,
        "size": here.config.vocab_size,
        "table": here.config.vocab_size * here.config.emb_dim,
        "gap": found.gap,
        "token_length": rows.length(0),
        "where": where_sentence(here, rows),
    }


def where_sentence(here: Here, rows: Rows) -> str:
    """How this model tells where a token stands."""
    if here.config.position in NO_ROWS:
        return NO_ROWS[here.config.position]
    length, overlap = shown(rows.length(1)), shown(rows.cosine(0, 1))
    return (
        f"The row of position {here.token} has length {length}, and its cosine with the token's row is "
        f"{overlap}: what and where can share the same {here.config.emb_dim} numbers."
    )
