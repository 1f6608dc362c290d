"""What a run writes as it learns: the sample of the chosen moment large, all others in their order."""

from collections.abc import Sequence

import streamlit as st

from runs import EvalEvent, Recipe
from views.phrases import count_of
from views.runs_seen import copied, sample_at, share_copied
from views.text import percent, prose, safe

LARGE = 420  # characters of the large sample: what the back row can read


def draw_samples(evaluations: Sequence[EvalEvent], step: int | None) -> EvalEvent | None:
    """The sample at this step, or the last one before it; the newest without a step."""
    if not evaluations:
        st.caption("What it writes will stand here after its first evaluation, at step 0.")
        return None
    now = sample_at(evaluations, step)
    st.markdown(f"**What it writes** at step {now.step:,} · validation {now.val_loss:.2f} nats")
    with st.container(key="sample_now"):
        short = now.sample[:LARGE].rstrip()
        st.markdown(prose(short + " …" if len(now.sample) > LARGE else short))
    return now


def draw_timeline(evaluations: Sequence[EvalEvent], now: EvalEvent | None) -> None:
    """The samples of all evaluations, from the first gibberish on."""
    others = [event for event in evaluations if event is not now]
    if not others:
        return
    st.markdown("**From gibberish on**")
    told = [
        f":gray[step {event.step:,} · validation {event.val_loss:.2f} nats]  \n{prose(event.sample)}"
        for event in others
    ]
    with st.container(height=300, border=False, key="timeline"):
        st.markdown("\n\n---\n\n".join(told))  # one element, sent again only when there is a new sample


def draw_copied(now: EvalEvent | None, recipe: Recipe) -> None:
    """How much of the sample is learned by heart."""
    if now is None:
        return
    found = copied(now.sample, recipe)
    share = share_copied(now.sample, found)
    stretch = f"{count_of(len(found), 'character')}, {percent(share)} of this sample"
    st.progress(min(1.0, share), f"**By heart**: longest stretch that stands in its text so, {stretch}")
    st.caption(f"«{safe(found.strip())}» (its prompt counts too)")
