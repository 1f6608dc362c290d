"""Pictures of attention heads, as the Attention page puts them together."""

import numpy as np
import pandas as pd
import streamlit as st

from core.roles import HeadScores
from views import cache, components, next_token, state, summaries, ui
from views.figures.base import visible
from views.figures.probabilities import changed_bars, next_token_bars
from views.here import Here
from views.look import Look
from views.phrases import phrase
from views.seen import Seen
from views.tables import attention as tables
from views.vocabulary import piece_name

STAGES = {"Q · K": "scores", "÷ √d": "scaled", "mask": "masked", "softmax": "weights", "· V": "context"}
VECTORS = ("queries", "keys", "values", "context")


def switch(label: str, key: str, trained: bool) -> bool:
    """A part of attention, on or off; a model that was trained without it stays without it."""
    if trained:
        return st.toggle(label, True, key=key, **ui.KEEP)
    return st.toggle(f"{label} (this model was trained without)", False, key=f"{key}_never", disabled=True)


def temperature() -> float:
    """What scores are divided by before softmax, beside the root of the width."""
    return st.slider(
        "Softmax temperature",
        0.1,
        4.0,
        1.0,
        0.1,
        key="attention_temperature",
        help=phrase("attention", "temperature"),
        **ui.KEEP,
    )


def stage_picture(here: Here, seen: Seen, look: Look, stage: str, scores: HeadScores | None) -> None:
    """One stage of the chosen head, with the arithmetic of each cell. Below, what it looks at."""
    parts = {name: seen.head(name, here.layer, here.head) for name in ("weights", *VECTORS)}
    vectors = components.HeadVectors(*(parts[name] for name in VECTORS))
    how = {"causal": look.causal, "scaled": look.scale_scores, "temperature": look.temperature}
    components.head_view(
        parts["weights"],
        here.prompt.pieces,
        vectors=vectors,
        stage=STAGES[stage],
        picked=here.token,
        **how,
        key="attention_head",
        label=f"{stage} of layer {here.layer}, head {here.head}",
        on_pick=state.pick_token,
    )
    told = summaries.head_sentence(parts["weights"], here.layer, here.head)
    if scores is not None:
        at = (here.layer, here.head)
        told += f" {summaries.induction_here(scores, parts['weights'], here.prompt.ids, *at)}"
        told += f"  \n{summaries.scores_of_head(scores, *at)}"

    def table() -> pd.DataFrame:
        values = tables.stage_values(STAGES[stage], parts["weights"], vectors, **how)
        return tables.head(values, here.prompt.pieces, STAGES[stage])

    ui.below("attention_head", table, told, ("png",))


def token_arcs(here: Here, weights: np.ndarray, causal: bool) -> None:
    """Where the chosen token looks: weights (T, T)."""
    row, pieces = weights[here.token, : here.token + 1] if causal else weights[here.token], here.prompt.pieces
    components.arcs(
        row,
        pieces,
        picked=here.token,
        key="attention_arcs",
        label="Where the token looks",
        on_pick=state.pick_token,
    )
    ui.below("attention_arcs", lambda: tables.looks(row, pieces, here.token))


def all_heads(here: Here, look: Look, scores: HeadScores | None) -> None:
    """Every head of the model as a thumbnail, with what it looks like."""
    weights = cache.look_inside(look, here.prompt.ids).layers("attn.weights")
    components.head_grid(
        components.thumbnails(weights),
        picked=(here.layer, here.head),
        key="attention_grid",
        label="All heads of the model, rows are layers",
        roles=scores and scores.roles,
        on_pick=state.pick_head,
    )
    trained = "" if look.temperature == 1 else f" {phrase('attention', 'measured')}"
    told = summaries.roles_sentence(scores) + trained
    if scores is not None:
        told += f"  \n{summaries.roles_rule(scores)}"
    ui.below("attention_grid", lambda: tables.heads(weights, scores), told, ("png",))


def expectation(here: Here, look: Look) -> float:
    """The likeliest next tokens, before and after the look's changes; returns the probability that moved."""
    before, after = (next_token.probabilities(one, here.prompt.ids) for one in (here.untouched, look))
    best, names = next_token.likeliest(here.tokenizer, np.maximum(before, after), 8)
    if look == here.untouched:
        bars = next_token_bars(names, before[best], ui.palette())
    else:
        bars = changed_bars(names, before[best], after[best], ui.palette())
    ui.figure(bars, key="attention_next", alt=f"Likeliest next token: {visible(names[0])}")
    return float(np.abs(before - after).sum() / 2)


def tokens(here: Here) -> list[str]:
    """The texts of the prompt's tokens."""
    return [piece_name(piece) for piece in here.prompt.pieces]
