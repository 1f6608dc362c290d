import streamlit as st

from core.embeddings import nearest, one_hot_product, principal_components
from core.gpt import GPTModel
from core.word_table import WordTable
from views import cache, components, embedding, state, token_space, ui, word_space
from views.figures import embeddings as figures

here = ui.page_header("embeddings")
ui.need_tokens(here)
tokens = embedding.token_names(here)
word = tokens[here.token]
components.token_chips(
    here.prompt.pieces, picked=here.token, key="embeddings_chips", label="Tokens", on_pick=state.pick_token
)
rows, gap = embedding.input_rows(here), embedding.one_hot_gap(here)
no_rows = embedding.NO_ROWS.get(here.config.position, "")
ui.figure(
    figures.input_sum(rows.vectors, rows.names, ui.palette()),
    key="embeddings_sum",
    alt=f"{', '.join(rows.names)}, as rows of colour",
    caption=f"{no_rows} {ui.safe(here.model_name)}: "
    f"row {here.prompt.ids[here.token]:,} of {here.config.vocab_size:,}. One-hot × table differs by {gap:g}.",
)

st.subheader("Who lives near whom?")
tables = ["this model's table", word_space.LABEL]
table = st.segmented_control(
    "Vectors", tables, default=tables[0], required=True, key="embeddings_table", **ui.KEEP
)
if table == word_space.LABEL:
    word_space.show()
    near = embedding.neighbours(here, "cosine")
else:
    near = token_space.show(here, word)

left, right = st.columns([1.5, 1], gap="medium")
with left:
    st.subheader("Swap two words")
    places, last = [f"{place} {token}" for place, token in enumerate(tokens)], len(tokens) - 1
    controls = st.columns(2)
    one = controls[0].selectbox("Put this token", places, min(1, last), key="embeddings_first")
    other = controls[1].selectbox("where this one is", places, min(4, last), key="embeddings_second")
    first, second = places.index(one), places.index(other)
    swap = embedding.swap(here, first, second)
    ui.figure(
        figures.swap_rows(swap.rows.vectors, swap.rows.names, ui.palette()),
        key="embeddings_swap",
        alt=f"What the model reads of {tokens[first]} before and after the swap, and the difference",
        caption=f"The token's own row differs by {swap.token_gap:g}: it only stands elsewhere. "
        f"What the model reads differs by a vector of length {swap.rows.length(2):.3f}.",
    )
with right:
    st.subheader("Which places are alike?")
    cosines = cache.position_cosines(here.look)
    if cosines:
        drawn = figures.position_heatmap(*cosines, ui.palette())
        ui.figure(drawn, key="embeddings_positions", alt="How alike the rows of any two positions are")
    else:
        st.markdown(no_rows)

ui.explain("embeddings", **embedding.numbers(here, rows, near, swap))
ui.show_code(GPTModel.embed, one_hot_product, nearest, principal_components, WordTable.analogy)
