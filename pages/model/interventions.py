import streamlit as st

from core.interventions import intervene, patch_map
from core.knockouts import head_knockouts
from views import effects, state, ui

HEADS, PARTS, PATCH = "Each head off", "Each part off", "One vector from another text"

here = ui.page_header("interventions")
ui.need_tokens(here, 2)
with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
    view = state.choice(
        st.segmented_control,
        "Change",
        [HEADS, PARTS, PATCH],
        default=HEADS,
        required=True,
        key="interventions_view",
        **ui.KEEP,
    )
    if view != PATCH:
        watched = st.text_input(
            "Watch the token",
            key="interventions_token",
            placeholder="the model's favourite",
            width=220,
            **ui.KEEP,
        )
    if view == HEADS:
        by_mean = st.toggle("Leave its mean", False, key="interventions_mean", **ui.KEEP)

if view == PATCH:
    sentence = effects.patches(here)
else:
    token = effects.watched_token(here, watched)
    if view == HEADS:
        sentence = effects.heads_off(here, token, "mean" if by_mean else "zero")
    else:
        sentence = effects.parts_off(here, token)

ui.explain("interventions", sentence=sentence, heads=here.config.n_layers * here.config.n_heads)
ui.show_code({HEADS: head_knockouts, PARTS: intervene, PATCH: patch_map}[view])
