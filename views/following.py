"""Go along to another run, and stay there.

A page that refreshes itself sends the values of all controls each second. What was under way when a click led
to another run still names the one before, and would take the person back to it.
"""

import time
from dataclasses import dataclass, replace

import streamlit as st

from views import state

PATIENCE = 6.0  # seconds in which a message may come late
TICK = 0.5  # seconds until the page goes again


@dataclass(frozen=True)
class Following:
    """The run to go to, since when, and whether it has been drawn."""

    run_id: str
    since: float
    drawn: bool = False


def follow(run_id: str) -> None:
    """Look at this run from now on, in a callback."""
    state.note("following", Following(run_id, time.monotonic()))
    state.pick_model(run_id)


def wanted() -> Following | None:
    """Where the page was told to go lately; None once it has arrived."""
    following = state.noted("following")
    fresh = isinstance(following, Following) and time.monotonic() - following.since < PATIENCE
    return following if fresh else None


def stay() -> None:
    """If a late message has led away from the run that was to be followed, go there again."""
    following = wanted()
    if following and state.model_key() != following.run_id:
        st.fragment(go_again, run_every=TICK)(following.run_id, time.monotonic())


def go_again(run_id: str, drawn: float) -> None:
    """Once the page has been drawn, for until then its state cannot be set."""
    if time.monotonic() - drawn > TICK / 2:
        state.pick_model(run_id)
        st.rerun()


def arrived(run_id: str) -> None:
    """The run is drawn; when it is drawn once more, the browser has asked for it by itself."""
    following = wanted()
    if following and following.run_id == run_id:
        state.note("following", None if following.drawn else replace(following, drawn=True))
