import streamlit as st

from core.activations import lowest_point, slope, unit_facts
from core.layers import gelu, gelu_tanh, relu, silu
from views import activation, cache, ui
from views.figures import activations as figures
from views.figures.activations import NAMES
from views.figures.probabilities import changed_bars

here = ui.page_header("activations")
ui.need_tokens(here)
own = here.config.activation
with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
    shown = st.pills(
        "Functions",
        list(NAMES),
        format_func=NAMES.get,
        selection_mode="multi",
        default=["gelu", "relu"],
        key="activations_curves",
        persist_state="session",
    )
    at = st.slider("x", -4.0, 4.0, -0.75, 0.05, key="activations_x", persist_state="session", width=200)
    whose = st.segmented_control(
        "Numbers of",
        activation.WHOSE,
        default=activation.WHOSE[0],
        required=True,
        key="activations_whose",
        persist_state="session",
    )
st.markdown(activation.read_out(shown, at))
hidden = activation.hidden(here)
facts, (lowest, _) = activation.unit_facts(here), cache.gelu_facts()
ui.figure(
    figures.curves_over_values(
        {name: cache.curve(name) for name in shown},
        hidden if whose == activation.WHOSE[0] else hidden[here.token],
        ui.palette(),
        at=at,
        lowest=lowest,
        layer=here.layer,
    ),
    key="activations_curves_figure",
    alt=f"Activation functions, their slopes, and the numbers of layer {here.layer}; x is {at:g}",
    caption=f"{ui.safe(here.model_name)}, layer {here.layer}, {NAMES[own]}: "
    f"{facts.below:.0%} of the numbers are below 0; {facts.resting} of {facts.units} "
    "units are below 0 for every token. What lies beyond ±4 is counted in the outermost bars.",
)

st.subheader("Which units fire for which token?")
stage = st.segmented_control(
    "Values",
    list(activation.STAGES),
    default="before",
    required=True,
    key="activations_stage",
    persist_state="session",
    format_func=lambda stage: f"{stage} {NAMES[own]}",
)
grid = activation.unit_grid(here, stage)
ui.figure(
    figures.units_heatmap(
        grid.values, grid.units, grid.tokens, ui.palette(), first=grid.first, chosen=here.token
    ),
    key="activations_units",
    alt=grid.caption,
    caption=grid.caption,
)

st.subheader("Another bend, the same weights")
swap = st.segmented_control(
    f"In place of {NAMES[own]}",
    list(NAMES),
    default="gelu_tanh" if own == "gelu" else "gelu",
    format_func=NAMES.get,
    required=True,
    key="activations_swap",
)
change = activation.exchanged(here, swap)
ui.figure(
    changed_bars(change.names, change.before, change.after, ui.palette()),
    key="activations_next",
    alt=f"With {NAMES[swap]}, {change.moved:.0%} of the next token's probability moves elsewhere",
    caption=f"Every layer of {ui.safe(here.model_name)} with {NAMES[swap]}: it was not trained with it.",
)
ui.explain("activations", **activation.numbers(here, change, swap))
ui.show_code(gelu, gelu_tanh, relu, silu, slope, lowest_point, unit_facts)
