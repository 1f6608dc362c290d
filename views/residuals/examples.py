"""The book's five layers, and the stream of the model that is chosen."""

from functools import cache

import streamlit as st

from core.gradients import deep_network_gradients
from views import depth, state, ui
from views.figures.residuals import layer_bars, stream_by_depth
from views.here import Here
from views.picture import nearest

SIZES = (3, 3, 3, 3, 3, 1)  # book 4.4


@cache
def of_the_book(shortcut: bool) -> list[float]:
    """The gradients of the book's five layers."""
    return deep_network_gradients(SIZES, shortcut=shortcut)


def draw_book(here: Here) -> None:
    """Without and with shortcuts, side by side."""
    del here
    plain, shortcut = of_the_book(False), of_the_book(True)
    sentence = f"First layer: {plain[0]:.2e} without, {shortcut[0]:.3f} with shortcuts."
    ui.figure(
        layer_bars(plain, shortcut, ui.palette()),
        key="residuals_book",
        alt=sentence,
        caption=f"{sentence} Five linear layers of three numbers, GELU, input 1, 0, −1, target 0, seed 123.",
    )


def draw_model(here: Here) -> None:
    """How the stream of the chosen model grows, and what each layer adds."""
    stream, attention, feed_forward = depth.stream_sizes(here)
    if not stream.size:
        st.info(
            "The prompt has 0 tokens: nothing flows. Write something on the left.", icon=":material/edit:"
        )
        return
    sentence = f"The stream goes from size {stream[0]:.2g} to {stream[-1]:.2g}."
    told = f"{ui.safe(here.model_name)}, all tokens of the prompt. {sentence} Click on a block to choose it."
    ui.figure(
        stream_by_depth(stream, attention, feed_forward, ui.palette(), chosen=here.layer),
        key="residuals_stream",
        alt=sentence,
        caption=told,
        on_click=lambda x, _: state.pick_head((nearest(x // 1, len(attention)), here.head)),
    )


def numbers(here: Here) -> dict[str, object]:
    """What the lesson's sentences of the book and of the model are filled with."""
    plain, shortcut = of_the_book(False), of_the_book(True)
    start, end = depth.stream_ends(here)
    return {
        "book_plain": plain[0],
        "book_shortcut": shortcut[0],
        "book_gain": shortcut[0] / plain[0],
        "book_fair": (shortcut[0] / shortcut[-1]) / (plain[0] / plain[-1]),
        "model": here.model_name,
        "stream_first": start,
        "stream_last": end,
        "blocks": here.config.n_layers,
        "how": "adds to" if here.config.residual else "replaces",
    }
