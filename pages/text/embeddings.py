import streamlit as st

from core.embeddings import (
    dot_product,
    nearest,
    one_hot_product,
    principal_components,
    scores_by_distance,
    swapped,
    turned_cosines,
)
from core.gpt import GPTModel
from core.word_table import WordTable
from views import components, state, ui
from views.embeddings import entering, order, primer, space, sums, words

ENTERING, NEAR, SUMS, ORDER, PRIMER = (
    "what goes in",
    "who is near whom",
    "word arithmetic",
    "order",
    "a primer",
)

here = ui.page_header("embeddings")
ui.need_tokens(here)
view = state.choice(
    st.segmented_control,
    "Look at",
    [ENTERING, NEAR, SUMS, ORDER, PRIMER],
    default=ENTERING,
    required=True,
    key="embeddings_view",
    **ui.KEEP,
)
if view in (ENTERING, NEAR):
    components.token_chips(
        here.prompt.pieces,
        picked=here.token,
        key="embeddings_chips",
        label="Tokens",
        on_pick=state.pick_token,
    )

if view == ENTERING:
    ui.explain("embeddings/entering", **entering.show(here))
    ui.show_code(GPTModel.embed, one_hot_product)

elif view == NEAR:
    controls = st.columns([1.7, 1.2, 1.2, 0.6, 1.2], vertical_alignment="bottom")
    tables = ["this model's table", words.LABEL]
    table = state.choice(controls[0].selectbox, "Vectors", tables, key="embeddings_table", **ui.KEEP)
    if table == words.LABEL:
        ui.explain("embeddings/words", **words.show_map(controls[1:]))
    else:
        ui.explain("embeddings/space", **space.show(here, controls[1:]))
    ui.show_code(nearest, principal_components)

elif view == SUMS:
    if found := sums.show():
        ui.explain("embeddings/sums", **found)
    ui.show_code(WordTable.analogy, nearest)

elif view == ORDER:
    ui.explain("embeddings/order", **order.show(here))
    ui.show_code(swapped, scores_by_distance, turned_cosines, GPTModel.position_vectors)

else:
    ui.explain("embeddings/primer", **primer.show(here))
    ui.show_code(dot_product)
