"""What all views of the Sampling page share: which of them is open, and how the next token is drawn."""

import streamlit as st

from views import state, ui
from views.look import Sampling

NEXT, DRAWS, SIDES, CACHE, DIVIDE = (
    "Next token",
    "1,000 draws",
    "Side by side",
    "Cache",
    "What temperature divides",
)
VIEWS = (NEXT, DRAWS, SIDES, CACHE, DIVIDE)
HOTTEST, MOST_KEPT, LEAST_MASS = 2.0, 50, 0.05
LARGEST_SEED = 2**53 - 1  # a browser counts no further


def view() -> str:
    """Which view is open."""
    return state.choice(
        st.segmented_control,
        "View",
        VIEWS,
        default=NEXT,
        required=True,
        label_visibility="collapsed",
        key="sampling_view",
        **ui.KEEP,
    )


def settings() -> Sampling:
    """How the next token is drawn."""
    columns = st.columns(4)
    with columns[3]:
        seed = st.number_input("Seed", 0, LARGEST_SEED, 123, key="sampling_seed", **ui.KEEP)
    return shaping(columns[:3], "sampling_", "", 1.0, seed)


def shaping(places: list, key: str, side: str, temperature: float, seed: int) -> Sampling:
    """Temperature, top-k and top-p in three places; `side` tells two sets of them apart."""
    drawn = places[0].slider(
        f"Temperature{side}", 0.0, HOTTEST, temperature, 0.05, key=f"{key}temperature", **ui.KEEP
    )
    top_k = places[1].slider(f"Top-k{side} (0 = all)", 0, MOST_KEPT, 0, key=f"{key}top_k", **ui.KEEP)
    top_p = places[2].slider(f"Top-p{side}", LEAST_MASS, 1.0, 1.0, 0.05, key=f"{key}top_p", **ui.KEEP)
    return Sampling(drawn, top_k or None, top_p if top_p < 1 else None, seed)


def in_words(settings: Sampling) -> str:
    """The settings as a person says them."""
    said = [f"temperature {settings.temperature:g}"]
    said += [f"top-k {settings.top_k}"] if settings.top_k else []
    said += [f"top-p {settings.top_p:g}"] if settings.top_p else []
    return ", ".join(said)
