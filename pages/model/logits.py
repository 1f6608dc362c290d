import streamlit as st

from core.lens import contributions, frozen_norm, losses_along, read_out
from core.sampling import next_token_probs
from views import cost, depths, readout, state, tuning, ui
from views.figures.base import visible
from views.logits import sections
from views.vocabulary import piece_name

VIEWS = {
    "word": ("Which word", sections.draw_word, (read_out, next_token_probs)),
    "product": ("Its dot product", sections.draw_product, (read_out,)),
    "writers": ("Who wrote its logit", sections.draw_writers, (contributions, frozen_norm)),
    "cost": ("What a mistake costs", sections.draw_cost, (losses_along,)),
}

here = ui.page_header("logits")
tuning.purpose(here)
ui.need_tokens(here)
depth = depths.reading(here)
answer = depths.lens_table(here, depth)

view = state.choice(
    st.segmented_control,
    "Look at",
    list(VIEWS),
    format_func=lambda view: VIEWS[view][0],
    default="word",
    required=True,
    key="logits_view",
    **ui.KEEP,
)
_, draw, code = VIEWS[view]
token = ui.safe(visible(piece_name(here.prompt.pieces[here.token])))
if view != "cost":
    st.header(f"What comes after «{token}»? Read {depths.after_words(depth)}")
found = readout.candidates(here, depth, ask=view != "cost")
if view == "writers":
    st.markdown(f"Who wrote the logit of **{ui.safe(visible(found.names[found.chosen]))}** at the end?")
draw(here, found)
parts, _, _ = readout.additions(here, found.ids[found.chosen])
ui.explain("logits", **readout.numbers(here, answer, found, parts), **cost.cost_of(here).numbers())
ui.show_code(*code)
