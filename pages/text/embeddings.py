import streamlit as st

from core.embeddings import nearest, one_hot_product, principal_components
from core.gpt import GPTModel
from views import cache, components, embedding, state, ui
from views.figures import embeddings as figures
from views.figures.base import visible

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
controls = st.columns([2, 1, 1.6], vertical_alignment="bottom")
search = controls[0].text_input(
    "Search the vocabulary", key="embeddings_search", persist_state="session", live=True, max_chars=40
)
solid = controls[1].toggle("3-D", key="embeddings_3d", persist_state="session")
by = controls[2].segmented_control(
    f"Nearest to {ui.safe(word)} by",
    ["cosine", "euclid"],
    default="cosine",
    required=True,
    key="embeddings_by",
    persist_state="session",
)
left, right = st.columns([1.8, 1])
with left:
    found = embedding.token_map(here, search)
    drawn = figures.token_map(
        found.points[:, : 3 if solid else 2],
        found.names,
        ui.palette(),
        shares=found.shares,
        marked=found.marked,
        chosen=found.chosen,
    )
    alt = f"{len(found.names):,} tokens as points; those near each other are used alike"
    ui.figure(drawn, key=f"embeddings_map_{solid}", alt=alt, caption=found.caption)
with right:
    names, values = embedding.neighbours(here, by)
    ui.figure(
        figures.neighbour_bars(names, values, ui.palette(), by=by),
        key="embeddings_near",
        alt=f"Nearest to {word}: {', '.join(map(visible, names[:3]))}",
    )

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

ui.explain("embeddings", **embedding.numbers(here, rows, (names, values), swap))
ui.show_code(GPTModel.embed, one_hot_product, nearest, principal_components)
