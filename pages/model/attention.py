from dataclasses import replace

import numpy as np
import streamlit as st

from core.attention import MultiHeadAttention, causal_scores
from views import cache, components, next_token, state, summaries, ui
from views.figures.matrices import stage_heatmap
from views.figures.probabilities import changed_bars, next_token_bars

STAGES = {"Q · K": "scores", "÷ √d": "scaled", "mask": "masked", "softmax": "weights", "· V": "context"}

here = ui.page_header("attention")
ui.need_tokens(here)
controls = st.columns([3, 1.2, 1.2, 2.4], vertical_alignment="bottom")
stage = controls[0].segmented_control(
    "Stage", list(STAGES), default="softmax", required=True, key="attention_stage", persist_state="session"
)
causal = controls[1].toggle("Causal mask", True, key="attention_causal", persist_state="session")
scaled = controls[2].toggle("Scale by √d", True, key="attention_scaled", persist_state="session")
heads = [f"{layer}.{head}" for layer in range(here.config.n_layers) for head in range(here.config.n_heads)]
off = controls[3].multiselect("Heads off (layer.head)", heads, key="attention_off", persist_state="session")
pairs = tuple(tuple(map(int, name.split("."))) for name in off if name in heads)
look = replace(here.look, causal=causal, scale_scores=scaled, heads_off=pairs)

seen = cache.look_at_layer(look, here.prompt.ids, here.layer)
tokens = [piece.text for piece in here.prompt.pieces]
weights = seen.head("weights", here.layer, here.head)
where = f"layer {here.layer}, head {here.head}"
left, right = st.columns([1.35, 1])
with left:
    picture = seen.head(STAGES[stage], here.layer, here.head)
    if stage == "softmax":
        components.head_view(
            weights,
            here.prompt.pieces,
            queries=seen.head("queries", here.layer, here.head),
            keys=seen.head("keys", here.layer, here.head),
            picked=here.token,
            causal=causal,
            scaled=scaled,
            key="attention_head",
            label=f"Attention weights of {where}",
            on_pick=state.pick_token,
        )
    else:
        ui.figure(
            stage_heatmap(picture, tokens, ui.palette(), unit=stage, row=here.token, square=stage != "· V"),
            key=f"attention_{STAGES[stage]}",
            alt=f"{stage} of {where}",
        )
    st.caption(summaries.head_sentence(weights, here.layer, here.head))
with right:
    row = weights[here.token, : here.token + 1] if causal else weights[here.token]
    components.arcs(
        row,
        here.prompt.pieces,
        picked=here.token,
        key="attention_arcs",
        label="Where the token looks",
        on_pick=state.pick_token,
    )

st.subheader("All heads")
everything = cache.look_inside(look, here.prompt.ids).layers("attn.weights")
components.head_grid(
    components.thumbnails(everything),
    picked=(here.layer, here.head),
    key="attention_grid",
    label="All heads of the model, rows are layers",
    on_pick=state.pick_head,
)
st.subheader("What the model expects next")
before, after = (next_token.probabilities(one, here.prompt.ids) for one in (here.look, look))
shown, names = next_token.likeliest(here.tokenizer, np.maximum(before, after), 8)
bars = next_token_bars(names, before[shown], ui.palette())
if look != here.look:
    bars = changed_bars(names, before[shown], after[shown], ui.palette())
ui.figure(bars, key="attention_next", alt=f"Likeliest next token: {names[0]}")
ui.explain(
    "attention",
    row_sum=float(weights[here.token].sum()),
    token=tokens[here.token],
    seen=here.token + 1,
    head_dim=here.config.head_dim,
    moved=float(np.abs(before - after).sum() / 2),
)
ui.show_code(causal_scores, MultiHeadAttention.explicit)
