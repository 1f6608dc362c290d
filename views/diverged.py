"""A run that is lost: how it happened, and the way back."""

import numpy as np
import streamlit as st

from views import cache, recipes
from views.figures.progress import last_norms
from views.lessons import lesson
from views.moment import Moment
from views.runs_seen import lost_at
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
            way_out(moment, rate / 3)
        with right:
            last = moment.updates[-LAST:]
            if last:
                steps, norms = [one.step for one in last], np.array([one.grad_norm for one in last])
                alt = "Length of the gradient in the last steps, on a log axis"
                moment.figure("last_norms", lambda palette: last_norms(steps, norms, palette), alt=alt)


def way_out(moment: Moment, rate: float) -> None:
    """The last checkpoint at a lower rate; or step 0, if the last checkpoint is beyond help already."""
    status = moment.status
    step = cache.way_back(status.run_id, status.state, status.step)
    if step is None or not lost_at(moment.updates, step, cache.run_vocabulary(status.run_id)):
        back_button(moment, f"Go back to step {{}} and divide the rate by 3 (to {rate:.3g})", rate)
        return
    st.markdown(
        f"Its last checkpoint, of step {step:,}, is lost already: twice as bad as guessing, or worse."
    )
    st.button(
        f"Begin again at step 0 and divide the rate by 3 (to {rate:.3g})",
        key="pretraining_slower",
        icon=":material/undo:",
        type="primary",
        on_click=recipes.start_slower,
        args=(status.run_id, rate),
    )
