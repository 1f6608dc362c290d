"""A run that is lost: how it happened, and the way back."""

import numpy as np
import streamlit as st

from views.figures.progress import last_norms
from views.lessons import lesson
from views.moment import Moment
from views.text import safe
from views.transport import back_button

LAST = 30  # steps before the end that are shown


def diverged_card(moment: Moment) -> None:
    """What happened at which step, why, and one button that goes back and divides the rate by 3."""
    rate = moment.recipe.train_at(moment.status.step)[0].learning_rate
    reason = moment.status.reason
    with st.container(border=True):
        left, right = st.columns([1.3, 1], gap="large")
        with left:
            st.markdown(f":material/error: **{safe(reason[:1].upper() + reason[1:])}.**")
            st.markdown(lesson("live/diverged").introduction.format(rate=f"{rate:.3g}"))
            label = f"Go back to step {{}} and divide the rate by 3 (to {rate / 3:.3g})"
            back_button(moment, label, rate / 3)
        with right:
            last = moment.updates[-LAST:]
            if last:
                steps, norms = [one.step for one in last], np.array([one.grad_norm for one in last])
                alt = "Length of the gradient in the last steps, on a log axis"
                moment.figure("last_norms", lambda palette: last_norms(steps, norms, palette), alt=alt)
