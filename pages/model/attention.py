from dataclasses import replace

import streamlit as st

from core.attention import MultiHeadAttention, causal_scores
from views import cache, heads, ui
from views.figures.base import visible

here = ui.page_header("attention")
ui.need_tokens(here)
with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
    stage = st.segmented_control(
        "Stage", list(heads.STAGES), default="softmax", required=True, key="attention_stage", **ui.KEEP
    )
    causal = st.toggle("Causal mask", True, key="attention_causal", **ui.KEEP) and here.config.causal
    scaled = st.toggle("Scale by √d", True, key="attention_scaled", **ui.KEEP) and here.config.scale_scores

main = st.container()
st.subheader("All heads, and what the model expects next")
left, right = st.columns([1.15, 1])
with right:
    off = heads.heads_off(here)
look = replace(here.look, causal=causal, scale_scores=scaled, heads_off=off)
with main:
    seen = cache.look_at_layer(look, here.prompt.ids, here.layer)
    weights = seen.head("weights", here.layer, here.head)
    one, other = st.columns([1.35, 1])
    with one:
        heads.stage_picture(here, seen, look, stage)
    with other:
        heads.token_arcs(here, weights, causal)
with left:
    heads.all_heads(here, look)
with right:
    moved = heads.expectation(here, look)

ui.explain(
    "attention",
    row_sum=float(weights[here.token].sum()),
    token=visible(here.prompt.pieces[here.token].text),
    seen=here.token + 1,
    head_dim=here.config.head_dim,
    moved=moved,
)
ui.show_code(causal_scores, MultiHeadAttention.explicit)
