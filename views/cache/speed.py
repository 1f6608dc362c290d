"""How fast this server trains, measured once."""

import streamlit as st

from core.speed import training_speed


@st.cache_resource(max_entries=1, show_spinner="Measuring this server …")
def measured_speed() -> float:
    """Additions and multiplications a second in training, on one core; measured when it was first asked."""
    return training_speed()
