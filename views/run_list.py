"""My runs and those of the class as a list that keeps itself up to date, and what can be done with one."""

import numpy as np
import streamlit as st

from runs import storyteller
from runs.shelf import Entry
from views import cache, experiments, run_actions, state, ui
from views.components import run_rows
from views.course import course_from
from views.figures.overlay import Line, overlay_figure
from views.phrases import count_of
from views.runs_listed import AT_WORK, Listed, listed, row_of, told_apart
from views.runs_seen import state_sentence
from views.tables.named import runs
from views.text import prose, safe, shown

BUSY, CALM = 2.0, 10.0  # seconds from one look to the next, while something is trained and while nothing is
WHOSE = {"all": "all", "mine": "mine", "class": "the class's"}
ORDERS = {"newest": "newest first", "lowest": "lowest validation loss first"}


def watch() -> list[Listed]:
    """The list, refreshed as long as the page is open; returns it as it is now."""
    everything = listed()
    works = any(one.status.state in AT_WORK for one in everything)
    st.fragment(draw_safely, run_every=BUSY if works else CALM)(works)
    return everything


def has_runs() -> bool:
    """Whether there is anything to list."""
    return cache.store() is not None and bool(listed())


def draw_safely(worked: bool) -> None:
    """A fragment that runs by itself is outside the app's net, so it has one of its own."""
    try:
        draw(worked)
    except Exception as error:
        ui.sorry(error)


def draw(worked: bool) -> None:
    """The list as it is now, and the chosen run below it."""
    everything = listed()
    if worked != any(one.status.state in AT_WORK for one in everything):
        st.rerun()  # from now on it is looked at more often, or less
    run_actions.undo()
    if not everything:
        first_visit()
    else:
        chosen = rows(everything)
        if chosen:
            one_run(chosen, told_apart(chosen, everything))
    run_actions.put_away()


def rows(everything: list[Listed]) -> Listed | None:
    """What to list and in which order, the list, and which of its runs is chosen."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        whose = choice("Whose runs", WHOSE, "runs_whose")
        order = choice("Order", ORDERS, "runs_order")
    shown_runs = [one for one in everything if belongs(one.entry, whose)]
    if order == "lowest":
        shown_runs.sort(key=lambda one: np.inf if one.course.best is None else one.course.best)
    if not shown_runs:
        st.info("None of these yet.", icon=":material/inbox:")
        return None
    chosen = chosen_of(shown_runs)
    listed_rows = [row_of(one, everything) for one in shown_runs]
    run_rows(
        listed_rows,
        chosen=chosen.entry.run_id,
        key="runs_rows",
        label=count_of(len(shown_runs), "run"),
        on_pick=choose,
    )
    ui.below("runs_rows", lambda: runs(listed_rows))
    return chosen


def choice(label: str, options: dict[str, str], key: str) -> str:
    """One of a few, by its word; the first for nonsense."""
    picked = state.choice(
        st.segmented_control,
        label,
        list(options),
        default=next(iter(options)),
        format_func=lambda one: options.get(one, one),
        required=True,
        key=key,
        **ui.KEEP,
    )
    return picked if picked in options else next(iter(options))


def belongs(entry: Entry, whose: str) -> bool:
    """Whether a run is to be listed."""
    return {"mine": entry.mine, "class": entry.shared}.get(whose, True)


def choose(run_id: str) -> None:
    """A click on a run of the list."""
    state.set_control("runs_chosen", run_id)
    run_actions.forget_undo()


def chosen_of(runs: list[Listed]) -> Listed:
    """The run that was clicked, else the one that all pages look into, else the first."""
    by_id = {one.entry.run_id: one for one in runs}
    wanted = (state.controls("runs_").get("chosen"), state.model_key())
    return next((by_id[run_id] for run_id in wanted if run_id in by_id), runs[0])


def one_run(one: Listed, said: str) -> None:
    """The chosen run: what can be done with it, its curve, and what it writes."""
    with st.container(gap="xsmall"):
        st.header(safe(one.name), anchor=False)
        st.caption(f"{safe(state_sentence(one.status))} Trained {safe(said)}.")
    run_actions.actions(one.entry, one.status)
    left, right = st.columns([1.4, 1], gap="medium")
    with left:
        picture(one)
    with right:
        st.markdown("**What it writes**")
        if one.course.sample:
            with st.container(border=True):
                st.markdown(prose(one.course.sample))
        else:
            st.caption("Nothing yet: the first sample comes with the first evaluation.")


def picture(one: Listed) -> None:
    """Its loss so far."""
    line = Line("", one.course, one.status.steps)
    said = f"Validation loss of {one.name}: {shown(one.course.last[1]) if one.course.last else 'none yet'}"
    ui.figure(overlay_figure([line], ui.palette()), key="runs_curve", alt=said)


def first_visit() -> None:
    """What runs are, for who has none: an example, and experiments to start."""
    st.markdown(
        "A run is one training: its recipe, its curve, what it wrote on the way, and the model at some "
        "twenty moments of its life. Yours will stand here, and those that the class shares."
    )
    experiments.gallery()
    evaluations = storyteller.evaluations()
    line = Line("", course_from(evaluations), evaluations[-1].step)
    ui.figure(
        overlay_figure([line], ui.palette()),
        key="runs_bundled",
        alt="Validation loss of the bundled model while it was trained",
        caption="The run that made the bundled Storyteller",
    )
