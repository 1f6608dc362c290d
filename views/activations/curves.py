"""The functions and their slopes, over the real numbers of a layer; a click into the picture sets x."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.activations import value_and_slope
from core.layers import ACTIVATION_FUNCTIONS
from views import cache, state, ui
from views.activations.facts import hidden, near_zero, unit_facts
from views.figures.activations import NAMES, curves_over_values
from views.here import Here
from views.phrases import count_of

X, FIGURE = "activations_x", "activations_curves_figure"
WHOSE = ("all tokens", "this token")
STEP, REACH = 0.05, 4.0  # of the slider
EVERY = 2  # of the points that are computed, one is drawn


def draw(here: Here) -> None:
    """Three controls, and the picture."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        shown = state.choice(
            st.pills,
            "Functions",
            list(NAMES),
            format_func=NAMES.get,
            selection_mode="multi",
            default=["gelu", "relu"],
            key="activations_curves",
            **ui.KEEP,
        )
        shown = [name for name in NAMES if name in shown]  # whichever was pressed first
        at = st.slider("x", -REACH, REACH, -0.75, STEP, key=X, width=220, **ui.KEEP)
        whose = state.choice(
            st.segmented_control,
            "Numbers of",
            WHOSE,
            default=WHOSE[0],
            required=True,
            key="activations_whose",
            **ui.KEEP,
        )
    st.markdown(read_out(shown, at))
    values = hidden(here)
    figure = curves_over_values(
        {name: tuple(part[::EVERY] for part in cache.curve(name)) for name in shown},
        values if whose == WHOSE[0] else values[here.token],
        ui.palette(),
        at=at,
        lowest=cache.gelu_facts()[0],
        layer=here.layer,
    )
    ui.figure(
        figure,
        key=FIGURE,
        alt=f"Activation functions, their slopes, and the numbers of layer {here.layer}; x is {at:g}",
        caption=below_sentence(here, values, whose),
        on_click=lambda x, _: state.set_control(X, on_slider(x)),
    )


def on_slider(x: float) -> float:
    """The place of the slider that is nearest."""
    return round(round(float(np.clip(x, -REACH, REACH)) / STEP) * STEP, 2)


def read_out(names: Sequence[str], x: float) -> str:
    """Value and slope of each function at x, in one line."""
    found = {NAMES[name]: value_and_slope(ACTIVATION_FUNCTIONS[name], x) for name in names}
    told = [f"{name}({x:g}) = **{y:.4f}**, slope **{rise:.4f}**" for name, (y, rise) in found.items()]
    both = {"gelu", "gelu_tanh"} <= set(names)
    if both:
        exact, formula = found[NAMES["gelu"]][0], found[NAMES["gelu_tanh"]][0]
        told.append(f"difference of the GELUs **{abs(exact - formula):.2e}**")
    return " &emsp; ".join(told) or "Choose a function."


def below_sentence(here: Here, values: np.ndarray, whose: str) -> str:
    """Whose numbers lie under the curves, and how many of them are cut, or nearly."""
    facts, own = unit_facts(here), NAMES[here.config.activation]
    are = "is" if facts.resting == 1 else "are"
    every = f"{facts.resting} of {count_of(facts.units, 'neuron')} {are} below 0 for every token. "
    resting = every * bool(facts.resting)
    beyond = " What lies beyond ±4 is counted in the outermost bars." if np.abs(values).max() > REACH else ""
    return (
        f"{ui.safe(here.model_name)}, layer {here.layer}, {own}, {whose}: {facts.below:.0%} of all numbers "
        f"are below 0, and after the bend {near_zero(here):.0%} are nearer to 0 than 0.2. {resting}"
        f"Click into the curves to set x.{beyond}"
    )
