"""Each token by itself: one token's input is changed, and the others' outputs are looked at."""

import numpy as np
import streamlit as st

from views import state, ui
from views.cache import neurons as cache
from views.figures.base import visible
from views.figures.neurons import moved_bars
from views.here import Here
from views.phrases import count_of
from views.picture import nearest
from views.vocabulary import piece_name

SOURCE, MOST = "activations_source", 128  # tokens in one picture


def draw(here: Here) -> None:
    """One slider, and what moves."""
    count = len(here.prompt.pieces)
    if count < 2:
        st.info(
            "One token has no others beside it: write a longer prompt on the left.", icon=":material/edit:"
        )
        return
    source = state.place_slider("Gets the vector of token", SOURCE, count)
    moved = cache.moved(here.look, here.prompt.ids, here.layer, here.token, source)
    names = [visible(piece_name(piece)) for piece in here.prompt.pieces]
    st.markdown(
        f"In layer {here.layer} **{ui.safe(names[here.token])}** (token {here.token}) gets the vector of "
        f"**{ui.safe(names[source])}** (token {source}); nothing else is touched. Whose outputs move?"
    )
    first = min(max(0, here.token - MOST // 2), max(0, count - MOST))
    shown = slice(first, first + MOST)
    attention, feed_forward = (part.numpy() for part in moved)
    sentence = moved_sentence(here, attention, feed_forward, source)
    drawn = moved_bars(
        attention[shown], feed_forward[shown], names[shown], ui.palette(), place=here.token - first
    )
    ui.figure(
        drawn,
        key="activations_moved",
        alt=sentence,
        caption=f"{sentence} Click on a token to change that one.",
        on_click=lambda x, _: state.pick_token(nearest(first + x, count)),
    )


def moved_sentence(here: Here, attention: np.ndarray, feed_forward: np.ndarray, source: int) -> str:
    """How many of the other tokens moved, for screen readers and the back row."""
    if source == here.token:
        return "It gets its own vector: nothing changes. Move the slider."
    others = np.arange(len(attention)) != here.token
    still, largest = int((feed_forward[others] == 0).sum()), float(feed_forward[others].max())
    return (
        f"{ui.safe(here.model_name)}, layer {here.layer}. The feed-forward answers {still} of "
        f"{count_of(int(others.sum()), 'other token')} exactly as before; the largest change among them is "
        f"{largest:g}. Attention answers {int((attention[others] > 0).sum())} of them differently."
    )
