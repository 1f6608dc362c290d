import streamlit as st

from core.sampling import generate, next_token_probs
from views import cache, components, next_token, state, summaries, ui
from views.figures.base import visible
from views.figures.probabilities import next_token_bars
from views.look import Sampling
from views.text import percent, prose

COUNT, MOST = "sampling_written", 60
BUTTONS = (("Next token", 1, "skip_next"), ("10 more", 10, "fast_forward"), ("Start again", 0, "replay"))

here = ui.page_header("sampling")
ui.need_tokens(here)
controls = st.columns(4)
temperature = controls[0].slider("Temperature", 0.0, 2.0, 1.0, 0.05, key="sampling_temperature", **ui.KEEP)
top_k = controls[1].slider("Top-k (0 = all)", 0, 50, 0, key="sampling_top_k", **ui.KEEP)
top_p = controls[2].slider("Top-p", 0.05, 1.0, 1.0, 0.05, key="sampling_top_p", **ui.KEEP)
seed = controls[3].number_input("Seed", 0, 2**53 - 1, 123, key="sampling_seed", **ui.KEEP)
settings = Sampling(temperature, top_k or None, top_p if top_p < 1 else None, seed)

count = state.counted(COUNT, MOST)
written = cache.continuation(here.look, here.prompt.ids, count, settings)
ids = (*here.prompt.ids, *written)[-here.config.context_length :]
own = next_token.probabilities(here.look, ids)
drawn = next_token.probabilities(here.look, ids, settings)
best, names = next_token.likeliest(here.tokenizer, own, 12)

left, right = st.columns([1.3, 1])
with left:
    ui.figure(
        next_token_bars(names, drawn[best], ui.palette(), before=own[best]),
        key="sampling_bars",
        alt=f"Likeliest next token: {names[0]}, {drawn[best[0]]:.0%}",
    )
with right:
    with st.container(horizontal=True):
        for label, steps, icon in BUTTONS:
            st.button(
                label,
                icon=f":material/{icon}:",
                on_click=state.count_on,
                args=(COUNT, MOST, steps),
                key=f"sampling_{steps}",
            )
    components.token_chips(
        next_token.pieces(here.tokenizer, written),
        key="sampling_chips",
        label="What was written after the prompt",
    )
    st.markdown(
        f"{prose(here.prompt.text[-300:])}:blue[{prose(next_token.text_of(here.tokenizer, written)) or ' '}]"
    )
    st.caption(f"{count} of at most {MOST} tokens written by {ui.safe(here.model_name)}")
ui.explain(
    "sampling",
    best=visible(names[0]),
    own=percent(float(own[best[0]])),
    drawn=percent(float(drawn[best[0]])),
    own_bits=summaries.entropy(own),
    drawn_bits=summaries.entropy(drawn),
    kept=int((drawn > 0).sum()),
    vocab=here.config.vocab_size,
)
ui.show_code(next_token_probs, generate)
