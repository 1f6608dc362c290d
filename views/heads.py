"""Pictures of attention heads, as the Attention page puts them together."""

import numpy as np
import streamlit as st

from core.roles import HeadScores
from views import cache, components, next_token, state, summaries, ui
from views.figures.base import visible
from views.figures.matrices import stage_heatmap
from views.figures.probabilities import changed_bars, next_token_bars
from views.here import Here
from views.look import Look
from views.seen import Seen
from views.vocabulary import piece_name

STAGES = {"Q · K": "scores", "÷ √d": "scaled", "mask": "masked", "softmax": "weights", "· V": "context"}


def switch(label: str, key: str, trained: bool) -> bool:
    """A part of attention, on or off; a model that was trained without it stays without it."""
    if trained:
        return st.toggle(label, True, key=key, **ui.KEEP)
    return st.toggle(f"{label} (this model was trained without)", False, key=f"{key}_never", disabled=True)


def stage_picture(here: Here, seen: Seen, look: Look, stage: str, scores: HeadScores | None) -> None:
    """One stage of the chosen head; the weights with the arithmetic of each cell. Below, what it looks at."""
    where = f"layer {here.layer}, head {here.head}"
    if stage == "softmax":
        components.head_view(
            seen.head("weights", here.layer, here.head),
            here.prompt.pieces,
            queries=seen.head("queries", here.layer, here.head),
            keys=seen.head("keys", here.layer, here.head),
            picked=here.token,
            causal=look.causal,
            scaled=look.scale_scores,
            key="attention_head",
            label=f"Attention weights of {where}",
            on_pick=state.pick_token,
        )
    else:
        matrix = seen.head(STAGES[stage], here.layer, here.head)
        square = stage != "· V"
        drawn = stage_heatmap(matrix, tokens(here), ui.palette(), unit=stage, row=here.token, square=square)
        ui.figure(drawn, key=f"attention_{STAGES[stage]}", alt=f"{stage} of {where}")
    st.caption(summaries.head_sentence(seen.head("weights", here.layer, here.head), here.layer, here.head))
    if scores is not None:
        st.caption(summaries.scores_of_head(scores, here.layer, here.head))


def token_arcs(here: Here, weights: np.ndarray, causal: bool) -> None:
    """Where the chosen token looks: weights (T, T)."""
    components.arcs(
        weights[here.token, : here.token + 1] if causal else weights[here.token],
        here.prompt.pieces,
        picked=here.token,
        key="attention_arcs",
        label="Where the token looks",
        on_pick=state.pick_token,
    )


def all_heads(here: Here, look: Look, scores: HeadScores | None) -> None:
    """Every head of the model as a thumbnail, with what it looks like."""
    components.head_grid(
        components.thumbnails(cache.look_inside(look, here.prompt.ids).layers("attn.weights")),
        picked=(here.layer, here.head),
        key="attention_grid",
        label="All heads of the model, rows are layers",
        roles=scores and scores.roles,
        on_pick=state.pick_head,
    )
    st.caption(summaries.roles_sentence(scores))


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
