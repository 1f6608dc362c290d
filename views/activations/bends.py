"""Another bend: in the same weights, and in two short trainings that differ in nothing else."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.sampling import next_token_probs
from runs.presets import EXPERIMENTS
from views import cache, next_token, state, ui
from views.figures.activations import NAMES
from views.figures.probabilities import changed_bars
from views.here import Here
from views.road import file_of

EXPERIMENT = "gelu_or_relu"
SWAP = "activations_swap"


@dataclass(frozen=True)
class Change:
    """Next-token probabilities with the model's own function and with another: (K,) each."""

    names: list[str]
    before: np.ndarray
    after: np.ndarray
    moved: float  # share of all probability, from 0 to 1


def chosen(here: Here) -> str:
    """The function that is put in, also while its control is not shown."""
    wanted = state.controls(SWAP).get("")
    return wanted if wanted in NAMES else "gelu" if here.config.activation == "relu" else "relu"


def exchanged(here: Here, function: str) -> Change:
    """The same prompt and weights with another function in every layer."""
    before = next_token.probabilities(here.look, here.prompt.ids)
    after = next_token_probs(cache.logits_with_activation(here.look, here.prompt.ids, function)).numpy()
    best, names = next_token.likeliest(here.tokenizer, np.maximum(before, after), 8)
    return Change(names, before[best], after[best], float(np.abs(before - after).sum() / 2))


def draw(here: Here) -> None:
    """The exchange, and the way to the trainings."""
    own, wanted = here.config.activation, chosen(here)
    swap = state.choice(
        st.segmented_control,
        f"In place of {NAMES[own]}, in every layer",
        list(NAMES),
        default=wanted,
        format_func=NAMES.get,
        required=True,
        key=SWAP,
        **ui.KEEP,
    )
    change = exchanged(here, swap)
    ui.figure(
        changed_bars(change.names, change.before, change.after, ui.palette()),
        key="activations_next",
        alt=f"With {NAMES[swap]}, {change.moved:.0%} of the next token's probability moves elsewhere",
        caption=f"Every layer of {ui.safe(here.model_name)} with {NAMES[swap]}: it was not trained with it.",
    )
    st.header("Trained with it from the start")
    experiment = EXPERIMENTS[EXPERIMENT]
    left, right = st.columns([3, 1], vertical_alignment="center", gap="medium")
    left.markdown(f"**{experiment.question}**")
    if right.button("Go and train both", icon=":material/science:", key="activations_train", width="stretch"):
        state.set_control("experiment_chosen", EXPERIMENT)
        st.switch_page(file_of("pretraining"), query_params={})
