"""How a fine-tuning learns: steps, learning rate, and adapters in place of the weights."""

from dataclasses import replace

import streamlit as st

from core.lora import LAYERS
from core.training import TrainConfig
from runs.tuned import HOW, How
from runs.tuning import Lora
from views import state, ui

KINDS = {"classification": "classify", "instructions": "instruct"}  # what a page's runs learn
STEPS = (25, 50, 100, 200, 400, 700, 1000, 1400, 2000)
RATES = (1e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2)
RANKS = (1, 2, 4, 8, 16, 32, 64)


def how_of(page: str) -> How:
    """How the runs of a page learn if nothing else is chosen."""
    return HOW[KINDS[page]]


def controls(page: str) -> None:
    """LoRA, steps, learning rate; what is chosen is read when the start button is pressed."""
    how = how_of(page)
    adapted = st.toggle("LoRA: thin adapters learn in place of the weights", key=f"{page}_lora", **ui.KEEP)
    usual, of = how.by(adapted), "lora_" if adapted else ""  # what fits adapters does not fit weights
    columns = st.columns([1, 1, 1, 2] if adapted else 2, vertical_alignment="bottom")
    state.choice(
        columns[0].select_slider, "Steps", STEPS, value=usual.steps, key=f"{page}_{of}steps", **ui.KEEP
    )
    state.choice(
        columns[1].select_slider,
        "Learning rate",
        RATES,
        value=usual.learning_rate,
        key=f"{page}_{of}rate",
        **ui.KEEP,
    )
    if adapted:
        state.choice(
            columns[2].select_slider, "Rank of the adapters", RANKS, value=8, key=f"{page}_rank", **ui.KEEP
        )
        state.choice(
            columns[3].pills,
            "Layers that get one",
            LAYERS,
            selection_mode="multi",
            default=how.lora_layers,
            key=f"{page}_layers",
            **ui.KEEP,
        )


def lora_of(page: str) -> Lora | None:
    """The adapters that were chosen. ValueError if no layer was."""
    chosen = state.controls(f"{page}_")
    if not chosen.get("lora"):
        return None
    layers = chosen.get("layers", how_of(page).lora_layers)
    return Lora(rank=chosen.get("rank", 8), layers=tuple(name for name in LAYERS if name in layers))


def train_of(page: str) -> TrainConfig:
    """The steps and the rate that were chosen; what is not asked for keeps its share of them."""
    chosen = state.controls(f"{page}_")
    of = "lora_" if chosen.get("lora") else ""
    usual = how_of(page).by(bool(of))
    steps, rate = chosen.get(f"{of}steps", usual.steps), chosen.get(f"{of}rate", usual.learning_rate)
    return replace(
        usual,
        learning_rate=rate,
        min_learning_rate=usual.min_learning_rate * rate / usual.learning_rate,
        steps=steps,
        warmup_steps=usual.warmup_steps * steps // usual.steps,
    )
