"""Runs laid over the chosen one: which, their curves in one picture, and what each of them writes."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from core.training import TrainEvent
from runs import EvalEvent, RunStatus, StoreError
from runs.differences import differences
from views import cache, experiments, run_names, state, ui
from views.course import Course, course_from
from views.figures.overlay import CURVES, SIGNS, Line, overlay_figure
from views.runs_seen import state_sentence
from views.state.linked import MOST_COMPARED
from views.text import prose, safe, shown

REFRESH = 1.0  # seconds
OFFERED = 30  # runs to choose from
AGAIN = "compare_again"


@dataclass(frozen=True)
class Seen:
    """One of the runs that are compared."""

    status: RunStatus
    course: Course
    label: str = ""  # what tells it from the others


def laid_over(run_id: str) -> bool:
    """Let a person choose what to lay over this run; says whether anything is."""
    found, missing = others()
    picker(run_id, [status.run_id for status in found])
    if missing:
        which = "1 run of this address is" if missing == 1 else f"{missing} runs of this address are"
        st.caption(f":material/info: {which} not on this server, or put away by you, and left out.")
    if state.said(AGAIN):
        st.rerun()  # the address says what is compared, and it is written by the whole page
    return bool(found)


def others() -> tuple[list[RunStatus], int]:
    """How the runs stand that are laid over the chosen one, and how many of them cannot be shown."""
    wanted = state.compared()
    away = {entry.run_id for entry in cache.entries_of(state.owner(), True)} if wanted else set()
    found = []
    for run_id in wanted:
        try:
            found += [] if run_id in away else [cache.status_of(run_id)]
        except StoreError:
            continue
    return found, len(wanted) - len(found)


def picker(run_id: str, chosen: list[str]) -> None:
    """Which runs lie over this one: of one's own and of the class."""
    entries = [entry for entry in cache.entries_of(state.owner()) if entry.run_id != run_id][:OFFERED]
    offered = list(dict.fromkeys([*(entry.run_id for entry in entries), *chosen]))
    if not offered:
        return
    names = {one: run_names.beside(one, run_id) for one in offered}
    state.set_control("compare_picked", chosen)
    st.multiselect(
        "Compare with",
        offered,
        format_func=lambda one: names.get(one, one),
        key="compare_picked",
        max_selections=MOST_COMPARED,
        placeholder=f"up to {MOST_COMPARED} runs, laid over this one",
        on_change=choose,
    )


def choose() -> None:
    """The picker has changed."""
    state.compare_with(state.controls("compare_").get("picked", []))
    state.say(AGAIN, AGAIN)


def overlay(status: RunStatus, events: Sequence[TrainEvent | EvalEvent]) -> None:
    """The chosen run and those laid over it, alive as long as one of them is."""
    waits = status.ended and any(not other.ended for other in others()[0])
    st.fragment(draw_safely, run_every=REFRESH if waits else None)(status, events, waits)


def draw_safely(status: RunStatus, events: Sequence[TrainEvent | EvalEvent], waits: bool) -> None:
    """A fragment that runs by itself is outside the app's net, so it has one of its own."""
    try:
        draw(status, events, waits)
    except Exception as error:
        ui.sorry(error)


def draw(status: RunStatus, events: Sequence[TrainEvent | EvalEvent], waits: bool) -> None:
    """Curves over each other, samples side by side."""
    found, _ = others()
    if waits and all(other.ended for other in found):
        st.rerun()  # the last has ended: nothing has to be asked again and again
    seen = [Seen(status, course_from(events))]
    seen += [Seen(one, cache.course_of(one.run_id, one.state, one.step, one.life)) for one in found]
    recipes = [cache.recipe_of(one.status.run_id, one.status.key) for one in seen]
    seen = [
        Seen(one.status, one.course, label) for one, label in zip(seen, differences(recipes), strict=True)
    ]
    curves(seen)
    if len({recipe.tokenizer for recipe in recipes}) > 1 or len({one.corpus_text for one in recipes}) > 1:
        st.caption(
            ":material/info: These runs read other texts or other tokens, so their losses are not of one "
            "scale: compare the shapes, and what they write."
        )
    if experiment := experiments.shown_with([one.status.key for one in seen]):
        st.markdown(f":material/visibility: {experiment.notice}")
    samples(seen)


def curves(seen: Sequence[Seen]) -> None:
    """The figure, and which loss it draws strong."""
    which = state.choice(
        st.segmented_control,
        "Strong lines",
        list(CURVES),
        default="validation",
        format_func=lambda key: CURVES.get(key, key),
        required=True,
        label_visibility="collapsed",
        key="compare_which",
        **ui.KEEP,
    )
    lines = [Line(one.label, one.course, one.status.steps) for one in seen]
    said = "; ".join(f"{one.label}: {losses(one.course)}" for one in seen)
    ui.figure(
        overlay_figure(lines, ui.palette(), which=which if which in CURVES else "validation"),
        key="compare_curves",
        alt=f"Runs laid over each other. {said}",
    )


def losses(course: Course) -> str:
    """Both losses when last asked."""
    if course.last is None:
        return "no loss yet"
    train, validation = course.last
    return f"training {shown(train)}, validation {shown(validation)} nats"


def samples(seen: Sequence[Seen]) -> None:
    """What each run writes now, side by side."""
    across = 2 if len(seen) in (2, 4) else 3
    for first in range(0, len(seen), across):
        for place, column in enumerate(st.columns(across, gap="medium")):
            if first + place < len(seen):
                with column:
                    sample(seen[first + place], first + place)


def sample(one: Seen, number: int) -> None:
    """One run in words: what tells it apart, how it stands, its losses, its newest sample."""
    colour = ui.palette().runs[number]
    with st.container(gap="xsmall"):
        st.markdown(f':color[{SIGNS[number]}]{{foreground="{colour}"}} **{safe(one.label)}**')
        st.markdown(safe(losses(one.course)))
        st.caption(f"{safe(run_names.name_of(one.status.run_id))} · {safe(state_sentence(one.status))}")
        if one.course.sample:
            with st.container(border=True):
                st.markdown(prose(one.course.sample))
