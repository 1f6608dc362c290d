"""How a fine-tuning learns: steps, learning rate, and adapters in place of the weights."""

from dataclasses import replace

import streamlit as st

from core.lora import LAYERS
from core.training import TrainConfig
from runs.tuned import HOW, How
from runs.tuning import Lora
from views import state, ui

KINDS = {"classification": "classify", "instructions": "instruct"}  # what a page's runs learn
STEPS = (25, 50, 100, 200, 400, 800)
RATES = (1e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2)
RANKS = (1, 2, 4, 8, 16, 32, 64)


def how_of(page: str) -> How:
    """How the runs of a page learn if nothing else is chosen."""
    return HOW[KINDS[page]]


def controls(page: str) -> None:
    """Steps, learning rate, LoRA; what is chosen is read when the start button is pressed."""
    how = how_of(page)
    left, middle, right = st.columns(3, vertical_alignment="bottom")
    left.select_slider("Steps", STEPS, how.train.steps, key=f"{page}_steps", **ui.KEEP)
    with right:
        adapted = st.toggle(
            "LoRA: thin adapters learn in place of the weights", key=f"{page}_lora", **ui.KEEP
        )
    rate, name = (how.lora_rate, "lora_rate") if adapted else (how.train.learning_rate, "rate")
    middle.select_slider(
        "Learning rate", RATES, rate, format_func=lambda rate: f"{rate:g}", key=f"{page}_{name}", **ui.KEEP
    )
    if adapted:
        left, right = st.columns([1, 2], vertical_alignment="bottom")
        left.select_slider("Rank of the adapters", RANKS, 8, key=f"{page}_rank", **ui.KEEP)
        right.pills(
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
    """The steps and the rate that were chosen; what is not asked for stays as it is known to work."""
    chosen, how = state.controls(f"{page}_"), how_of(page)
    usual = how.lora_rate if chosen.get("lora") else how.train.learning_rate
    rate = chosen.get("lora_rate" if chosen.get("lora") else "rate", usual)
    steps = chosen.get("steps", how.train.steps)
    return replace(
        how.train,
        learning_rate=rate,
        min_learning_rate=how.train.min_learning_rate * rate / how.train.learning_rate,
        steps=steps,
        warmup_steps=how.train.warmup_steps * steps // how.train.steps,
    )
