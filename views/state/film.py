"""A run's life as a film: the checkpoint slider moves by itself, and all pages show the model of that moment.

Each viewer has their own: nothing here is shared, and nothing is asked of the run.
"""

import time

import streamlit as st

FRAME = 0.6  # seconds a checkpoint is shown


def screen(steps: tuple[int, ...]) -> int | None:
    """While the film runs: where it is, and the button that holds it. None when it does not run.

    The slider of these moments is not the linked one: the address would get a new entry with each of them.
    """
    frame = st.session_state.get("frame")
    if frame not in steps:
        return None
    st.select_slider("Checkpoint (step)", steps, frame, key="film", disabled=True)
    st.button("Hold", icon=":material/pause:", key="hold", type="tertiary", on_click=hold)
    st.fragment(tick, run_every=FRAME)(steps)
    return frame


def play_button(steps: tuple[int, ...], step: int) -> None:
    """The button that plays the rail from here, or from the beginning if this is the end."""
    first = steps[0] if step == steps[-1] else step
    st.button(
        "Play its life",
        icon=":material/play_arrow:",
        key="play",
        type="tertiary",
        on_click=show,
        args=(first,),
    )


def show(step: int) -> None:
    """Show this checkpoint as the next frame."""
    st.session_state["frame"] = st.session_state["film"] = step
    st.session_state["shown_at"] = time.monotonic()


def hold() -> None:
    """Stay at the checkpoint that is shown: the linked slider takes over from here."""
    st.session_state["step"] = st.session_state.pop("frame")


def tick(steps: tuple[int, ...]) -> None:
    """Move on once the frame has been shown long enough: the whole page is drawn again."""
    if time.monotonic() - st.session_state["shown_at"] < 0.8 * FRAME:
        return  # the first call, with the page itself
    later = [one for one in steps if one > st.session_state["frame"]]
    if later:
        show(later[0])
    else:
        hold()
    st.rerun()
