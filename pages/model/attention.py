from dataclasses import replace

import streamlit as st

from core.attention import MultiHeadAttention, causal_scores, tempered
from core.roles import beyond_chance, induction_score, looks_like
from views import cache, state, summaries, ui
from views.attention import choice, heads
from views.figures.base import visible
from views.phrases import phrase
from views.text import percent

here = ui.page_header("attention")
view = choice.chosen()
if view != choice.HEAD:
    choice.draw(view, here)
    st.stop()

ui.need_tokens(here)
with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
    stage = state.choice(
        st.segmented_control,
        "Stage",
        list(heads.STAGES),
        default="softmax",
        required=True,
        key="attention_stage",
        **ui.KEEP,
    )
    causal = heads.switch("Causal mask", "attention_causal", here.config.causal)
    scaled = heads.switch("Scale by √d", "attention_scaled", here.config.scale_scores)
    temperature = heads.temperature()

main = st.container()
st.header(phrase("attention", "all_heads"))
left, right = st.columns([1.15, 1])
with right:
    state.heads_picker(here.config)
look = replace(here.look, causal=causal, scale_scores=scaled, temperature=temperature)
scores = cache.head_scores(look)
with main:
    seen = cache.look_at_layer(look, here.prompt.ids, here.layer)
    weights = seen.head("weights", here.layer, here.head)
    one, other = st.columns([1.35, 1])
    with one:
        heads.stage_picture(here, seen, look, stage, scores)
    with other:
        heads.token_arcs(here, weights, causal)
with left:
    heads.all_heads(here, look, scores)
with right:
    moved = heads.expectation(here, look)

ui.explain(
    "attention",
    row_sum=float(weights[here.token].sum()),
    token=visible(heads.tokens(here)[here.token]),
    seen=here.token + 1 if causal else len(weights),
    head_dim=here.config.head_dim,
    scaled=phrase("attention", "are" if scaled else "would_be"),
    temperature=temperature,
    moved=percent(moved),
    layer=here.layer,
    head=here.head,
    role=summaries.role_of_head(scores, here.layer, here.head),
)
ui.show_code(causal_scores, tempered, MultiHeadAttention.explicit, induction_score, beyond_chance, looks_like)
