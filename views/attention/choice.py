"""What the Attention page shows: a head of the model first, and four views behind it."""

import streamlit as st

from views import state, ui
from views.attention import by_hand, cost, far, who
from views.here import Here

HEAD = "The model's head"
VIEWS = {
    "By hand": by_hand.draw,
    "Who may look where": who.draw,
    "Past the trained length": far.draw,
    "What it costs": cost.draw,
}


def chosen() -> str:
    """One of them, chosen above the picture; the others are not computed."""
    return state.choice(
        st.segmented_control,
        "What to look at",
        [HEAD, *VIEWS],
        default=HEAD,
        required=True,
        key="attention_view",
        label_visibility="collapsed",
        **ui.KEEP,
    )


def draw(view: str, here: Here) -> None:
    """One of the four."""
    VIEWS[view](here)
