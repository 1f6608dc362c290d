"""The controls of the Layer norm page, and what they say also while they are not shown."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.normalisation import UntrainedStack
from views import state, ui
from views.normalising import DIVISORS, EPS, PLACES, SOURCES, TIMES, Settings

KEY = "layer_norm_"
BLOCKS, GAIN, VOLUME = 12, 12.0, 1.0
FIRST = {  # what the controls say before anybody has moved them
    "source": SOURCES[0],
    "place": next(iter(PLACES)),
    "eps": 1e-5,
    "divisor": DIVISORS[0],
    "times": 1.0,
    "plus": 0.0,
    "learned": False,
    "depth": BLOCKS,
    "gain": GAIN,
    "volume": VOLUME,
}


@dataclass(frozen=True)
class Chosen:
    """What the controls above the picture say."""

    source: str
    place: str
    settings: Settings
    times: float
    plus: float
    learned: bool


def draw() -> None:
    """Two rows of controls."""
    with draw_kind():
        choice("Vector", SOURCES, f"{KEY}source")
    columns = st.columns([1.3, 1, 1], gap="medium", vertical_alignment="bottom")
    with columns[0]:
        choice("Norm", tuple(PLACES), f"{KEY}place", PLACES.get)
    state.choice(
        columns[1].select_slider, "Multiply the input by", TIMES, value=1.0, key=f"{KEY}times", **ui.KEEP
    )
    columns[2].slider("Add to each number", -10.0, 10.0, 0.0, 0.5, key=f"{KEY}plus", **ui.KEEP)


def draw_kind() -> DeltaGenerator:
    """How it is normalised, in a row that may hold more.

    At the same place in each view: a control that moves to another place falls out of the address.
    """
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    with row:
        state.choice(st.select_slider, "eps", EPS, value=1e-5, key=f"{KEY}eps", width=160, **ui.KEEP)
        choice("Divide by", DIVISORS, f"{KEY}divisor")
        st.toggle("Learned scale, shift", key=f"{KEY}learned", **ui.KEEP)
    return row


def chosen() -> Chosen:
    """What the controls say, also those that are not shown."""
    told = FIRST | state.controls(KEY)
    settings = Settings(told["eps"], told["divisor"] == DIVISORS[1])
    return Chosen(told["source"], told["place"], settings, told["times"], told["plus"], told["learned"])


def stack() -> UntrainedStack:
    """The untrained models that the controls describe, also while those are not shown."""
    told = FIRST | state.controls(KEY)
    return UntrainedStack(depth=told["depth"], gain=told["gain"], volume=told["volume"])


def choice(label: str, options: Sequence[str], key: str, name=str) -> str:
    """One of a few."""
    return state.choice(
        st.segmented_control,
        label,
        options,
        format_func=name,
        default=options[0],
        required=True,
        key=key,
        **ui.KEEP,
    )
