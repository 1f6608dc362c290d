from functools import partial

import streamlit as st

from core.data import epoch_order, sliding_windows, target_counts, train_validation_split, window_starts
from core.losses import token_losses
from views import components, state, ui, window_sentences, windowing
from views.figures.base import visible
from views.figures.windows import batch_matrix, windows_over_text
from views.phrases import count_of
from views.tables.tokens import counts, window
from views.vocabulary import piece_name
from views.windowing import EPOCHS, LONGEST, MOST_BATCH, WIDEST_STRIDE

here = ui.page_header("windows")
controls = st.columns([1.4, 1, 1, 1, 0.8], vertical_alignment="bottom")
text = state.choice(
    controls[0].selectbox,
    "Text",
    windowing.texts(),
    format_func=windowing.title_of,
    key="windows_text",
    **ui.KEEP,
)
length = controls[1].slider("Context length", 1, LONGEST, 4, key="windows_length", **ui.KEEP)
stride = controls[2].slider("Stride", 1, WIDEST_STRIDE, 4, key="windows_stride", **ui.KEEP)
main = st.container()
st.header("How often is each token a target?")
share = st.slider("For training (%)", 50, 100, 80, 5, key="windows_share", width=260, **ui.KEEP)
cut = windowing.cut_up(windowing.read(here, text), length, stride, share)
with controls[3]:
    chosen = state.place_slider("Window", "windows_window", len(cut.starts))
shifted = controls[4].toggle("Shift", key="windows_shifted", help="Targets below the same words", **ui.KEEP)

start = cut.starts[chosen] if cut.starts else None
sentence = window_sentences.cut_sentence(cut)
chances = None if start is None else windowing.chances(here, cut, start)
with main:
    components.window_view(
        cut.pieces,
        start=start,
        length=length,
        cut=cut.cut,
        by_place=shifted,
        chances=chances,
        key="windows_view",
        label=f"{count_of(len(cut.pieces), 'token')} with a window of {length} over them",
        on_pick=lambda token: windowing.go_to(cut, token, text),
    )
    if not cut.starts:
        st.info(f"The text has {count_of(len(cut.pieces), 'token')}. {sentence}", icon=":material/edit:")
    ui.below(
        "windows_view",
        lambda: window(cut.pieces, start, length, cut.cut, chances),
        f"{sentence} {windowing.whose(here)} Click into the text to move the window.",
    )

counted = window_sentences.counts_sentence(cut)
if cut.pieces:
    tokens = [visible(piece_name(piece)) for piece in cut.pieces]
    drawn = windows_over_text(
        cut.starts, length, cut.counts(), tokens, ui.palette(), cut=cut.cut, chosen=chosen
    )
    table = partial(counts, cut.pieces, cut.cut, cut.counts())
    ui.figure(drawn, key="windows_counts", alt=counted, caption=counted, table=table)
else:
    st.caption(counted)

st.header("A batch: what one step learns from")
with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
    size = st.slider("Batch size", 1, MOST_BATCH, 2, key="windows_batch_size", width=180, **ui.KEEP)
    shuffle = st.toggle("Shuffle", key="windows_shuffle", **ui.KEEP)
    epoch = st.slider("Epoch", 1, EPOCHS, 1, key="windows_epoch", width=180, **ui.KEEP) if shuffle else 1
    order = windowing.epoch(len(cut.training), size, shuffle, epoch)
    batch = state.place_slider("Batch", "windows_batch", len(order)) if len(order) > 1 else 0
sentence = window_sentences.batch_sentence(len(cut.training), order, length)
told = sentence + f" Shuffled with seed {windowing.SEED}." * shuffle
if len(order):
    names, places = windowing.batch_names(cut, order[batch])
    drawn = batch_matrix(names, places, order[batch], ui.palette(), tokens=len(cut.pieces))
    ui.figure(drawn, key="windows_matrix", alt=sentence, caption=told)
else:
    st.caption(told)
ui.explain("windows", **window_sentences.numbers(here, cut, order))
ui.show_code(sliding_windows, window_starts, target_counts, epoch_order, train_validation_split, token_losses)
