"""Attention as tables: one head at any stage, one token's row of it, and all heads with what they do."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from core.pieces import Piece
from core.roles import ROLES, HeadScores
from views.components import HeadVectors
from views.summaries import looking_at
from views.tables.grid import grid, listing
from views.tables.tokens import names_of


def stage_values(
    stage: str,
    weights: np.ndarray,
    vectors: HeadVectors,
    *,
    causal: bool,
    scaled: bool = True,
    temperature: float = 1.0,
) -> np.ndarray:
    """The numbers of one head at one stage of `head_view`: (T, T), or (T, D) for its context.

    NaN where a score is masked out; the weight that comes of that is 0.
    """
    if stage == "context":
        return vectors.context
    queries, keys = (part.astype(np.float64) for part in (vectors.queries, vectors.keys))
    values = weights if stage == "weights" else queries @ keys.T  # (T, T)
    if stage in ("scaled", "masked"):
        values = values / ((queries.shape[-1] ** 0.5 if scaled else 1.0) * temperature)
    if stage == "masked" and causal:
        values[np.triu_indices(len(values), 1)] = np.nan
    return values


def head(values: np.ndarray, pieces: Sequence[Piece], stage: str = "weights") -> pd.DataFrame:
    """One head at one stage: a row for each query, a column for each key, or each number of the context."""
    names = names_of(pieces)
    columns = [f"number {i}" for i in range(values.shape[1])] if stage == "context" else names
    return grid(values, names, columns, "query")


def looks(weights_row: np.ndarray, pieces: Sequence[Piece], query: int) -> pd.DataFrame:
    """Where one token looks: each key with its weight; empty for what it does not see."""
    weights = np.full(len(pieces), np.nan)
    weights[: len(weights_row)] = weights_row
    names = names_of(pieces)
    return listing(
        {"query": [names[query]] * len(names), "place": range(len(names)), "key": names, "weight": weights}
    )


def heads(weights: np.ndarray, scores: HeadScores | None) -> pd.DataFrame:
    """All heads (L, H, T, T): where each looks in this text, its role, its scores and their errors."""
    cells = [(layer, number) for layer in range(weights.shape[0]) for number in range(weights.shape[1])]
    table = listing({"layer": [layer for layer, _ in cells], "head": [number for _, number in cells]})
    if scores is not None:
        roles = [scores.roles[layer][number] for layer, number in cells]
        table["looks like"] = [role[0] if role else "" for role in roles]
        told = pd.DataFrame([scores.at(*cell) for cell in cells])
        table = table.join(told.add_prefix("score: "))
        errors = pd.DataFrame([{role: scores.error(role, *cell) for role in ROLES} for cell in cells])
        table = table.join(errors.add_prefix("standard error: "))
    shares = pd.DataFrame([looking_at(weights[cell]) for cell in cells])
    return table.join(shares.add_prefix("in this text, at "))
