"""Four untrained networks, with and without residual and norm: their gradients, and their streams."""

from dataclasses import dataclass

import streamlit as st

from core import gradients as core
from core.config import ACTIVATIONS
from views import depth, state, ui
from views.figures.activations import name_of
from views.figures.gradients import gradient_lines
from views.figures.residuals import ratio_squares
from views.here import Here
from views.tables.grid import gradients

LINEAR, BLOCKS = "linear layers", "GPT blocks"
GAINS = (0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 5.0, 8.0)
KEY = "residuals_"
FIRST = {
    "network": LINEAR,
    "blocks": 12,
    "layers": 24,
    "activation": ACTIVATIONS[1],
    "gain": 1.0,
    "residual": True,
    "norm": True,
    "relative": True,
}


@dataclass(frozen=True)
class Chosen:
    """What the controls say, also while they are not shown."""

    network: core.DeepNetwork
    side: str  # one of the four
    relative: bool

    @property
    def what(self) -> str:
        """What the network is made of."""
        return "block" if self.network.ids else "layer"


def controls(relative: bool) -> None:
    """Two rows of controls; `relative` is asked of gradients alone."""
    columns = st.columns([2.5, 2.1, 1.6, 1.9], vertical_alignment="bottom")
    with columns[0]:
        kind = state.choice(
            st.segmented_control,
            "Network",
            [LINEAR, BLOCKS],
            default=LINEAR,
            required=True,
            key=f"{KEY}network",
            **ui.KEEP,
        )
    most, field = (core.MOST_BLOCKS, "blocks") if kind == BLOCKS else (core.MOST_LAYERS, "layers")
    columns[1].slider("Depth", 1, most, FIRST[field], key=KEY + field, **ui.KEEP)
    state.choice(
        columns[2].selectbox,
        "Activation",
        ACTIVATIONS,
        index=1,
        format_func=name_of,
        key=f"{KEY}activation",
        **ui.KEEP,
    )
    state.choice(
        columns[3].select_slider, "Starting weights ×", GAINS, value=1.0, key=f"{KEY}gain", **ui.KEEP
    )
    with st.container(horizontal=True, gap="large"):
        st.toggle("Residual", True, key=f"{KEY}residual", **ui.KEEP)
        st.toggle("Norm", True, key=f"{KEY}norm", **ui.KEEP)
        if relative:
            st.toggle("Relative to the last layer", True, key=f"{KEY}relative", **ui.KEEP)


def chosen(here: Here) -> Chosen:
    """The network that the controls describe; blocks need a text of two tokens to foretell."""
    told = FIRST | state.controls(KEY)
    blocks = told["network"] == BLOCKS and len(here.prompt.ids) >= 2
    network = core.DeepNetwork(
        depth=told["blocks" if blocks else "layers"],
        activation=told["activation"],
        gain=told["gain"],
        ids=here.prompt.ids[: core.MOST_TOKENS] if blocks else (),
        vocab_size=here.config.vocab_size,
    )
    return Chosen(network, depth.side_of(told["residual"], told["norm"]), told["relative"])


def need_text(here: Here) -> None:
    """Say so if blocks are wanted that have nothing to foretell."""
    if (FIRST | state.controls(KEY))["network"] == BLOCKS and len(here.prompt.ids) < 2:
        st.info(
            "GPT blocks need a prompt of at least 2 tokens: linear layers are shown.", icon=":material/edit:"
        )


def draw_gradients(here: Here) -> None:
    """How much of the error reaches each layer."""
    controls(relative=True)
    need_text(here)
    one = chosen(here)
    found, streams = depth.four_networks(one.network), depth.four_streams(one.network)
    sentence = depth.gradient_sentence(found[one.side], one.side, one.what)
    lines = gradient_lines(
        found,
        one.side,
        ui.palette(),
        what=one.what,
        relative=one.relative,
        beyond=depth.places_beyond(found),
    )
    beyond = depth.beyond_sentence(streams[one.side], found[one.side], one.what)
    told = f"{sentence} {beyond} {depth.described(one.network)}"
    ui.figure(lines, key="residuals_lines", alt=sentence, caption=told)


def draw_squares(here: Here) -> None:
    """First over last, for all four at once."""
    controls(relative=False)
    need_text(here)
    one = chosen(here)
    found = depth.four_networks(one.network)
    ratios, lasts = depth.first_and_last(found)
    squares = ratio_squares(ratios, lasts, depth.square_of(one.side), ui.palette())
    read = depth.gradient_sentence(found[one.side], one.side, one.what)
    sentence = f"The first {one.what}'s gradient over the last one's. Framed: {read}"
    told = f"{sentence} {depth.described(one.network)}"
    ui.figure(
        squares, key="residuals_squares", alt=sentence, caption=told, table=lambda: gradients(ratios, lasts)
    )


def draw_streams(here: Here) -> None:
    """How large the stream is after each layer, on the way there."""
    controls(relative=False)
    need_text(here)
    one = chosen(here)
    found, streams = depth.four_networks(one.network), depth.four_streams(one.network)
    unit = "size of the stream (RMS)"
    lines = gradient_lines(
        streams,
        one.side,
        ui.palette(),
        what=one.what,
        relative=False,
        unit=unit,
        beyond=depth.places_beyond(streams),
    )
    sentence = depth.beyond_sentence(streams[one.side], found[one.side], one.what)
    told = f"{one.side.capitalize()}. {sentence} {depth.described(one.network)}"
    ui.figure(lines, key="residuals_streams", alt=sentence, caption=told)
