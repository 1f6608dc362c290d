"""The buttons of a run: play, pause, step, stop, reset, and another learning rate on the way."""

import time
from dataclasses import dataclass, replace

import streamlit as st

from runs import NotAllowedError, StoreError
from views import asked, cache, following, recipes, state
from views.hyper_parameters import RATES
from views.moment import Moment
from views.runs_seen import branch_sentence, rate_sentence, state_sentence
from views.text import safe

AT_WORK = ("starting", "running")
RESTING = ("paused", "stopped", "diverged", "failed")  # not "done": one wrong click would lose a model


@dataclass(frozen=True)
class Order:
    """One button."""

    label: str
    what: str
    icon: str
    states: tuple[str, ...]  # in which it can be pressed
    hint: str | None = None


ORDERS = (
    Order("Play", "play", ":material/play_arrow:", ("paused",)),
    Order("Pause", "pause", ":material/pause:", ("queued", *AT_WORK)),
    Order("Step", "step", ":material/skip_next:", (*AT_WORK, "paused"), "Take one optimizer step, and rest"),
    Order("Stop", "stop", ":material/stop:", ("queued", *AT_WORK, "paused")),
    Order("Reset", "reset", ":material/replay:", (*AT_WORK, *RESTING), "Back to step 0, the curve too"),
)
FORKED = ("stopped", "failed")  # a run that has ended goes on only as another one


def transport(moment: Moment) -> None:
    """How the run stands, what can be asked of it now, and what came of the last order."""
    status = moment.status
    waiting_for = asked.pending(
        state.noted(f"asked_{status.run_id}"), status, moment.recipe, time.monotonic()
    )
    if status.state in ("done", "diverged") or status.pruned:
        left, right = st.container(), None  # no step is left for another rate, or the card below has it
    else:
        left, right = st.columns([2.2, 1], gap="large")
    with left:
        sentence = safe(state_sentence(replace(status, reason="") if status.state == "diverged" else status))
        if waiting_for:
            sentence = f":shimmer[{safe(asked.SENTENCES[waiting_for.what])}] {sentence}"
        with st.container(key="run_state"):  # a heading of the second rank, in smaller letters
            st.markdown(f"## {sentence}", anchors=False)
        order_buttons(moment, waiting_for)
    if right:
        with right:
            rate_control(moment)
    remarks(moment)


def order_buttons(moment: Moment, waiting_for: asked.Asked | None) -> None:
    """The buttons that would be obeyed now; the one just pressed rests until it has happened."""
    status, me = moment.status, state.owner()
    people = cache.watchers_of(status.run_id)
    mine = me == status.owner or people == {me}
    fitting = [order for order in ORDERS if mine and status.state in order.states]
    if people != {me} or not (status.step or status.ended):
        fitting = [order for order in fitting if order.what != "reset"]
    if fitting:
        with st.container(horizontal=True, key="transport"):
            for order in fitting:
                st.button(
                    order.label,
                    key=f"pretraining_{order.what}",
                    icon=order.icon,
                    help=order.hint,
                    type="primary" if order.what == "play" else "secondary",
                    disabled=waiting_for is not None and waiting_for.what == order.what,
                    on_click=give,
                    args=(status.run_id, order.what),
                )
    if not mine and not status.ended:
        st.caption(
            "You watch the run of somebody else, who alone can pause or stop it. "
            "Another learning rate makes a run of your own branch off here."
        )


def rate_control(moment: Moment) -> None:
    """Another learning rate: at once for a run that goes on, by a button for one that has ended."""
    status, recipe = moment.status, moment.recipe
    now = recipe.train_at(status.step)[0].learning_rate
    key = f"live_rate_{status.run_id}_{status.life}_{len(recipe.rate_changes)}_{now:.6g}"
    chosen = st.select_slider(
        "Learning rate",
        sorted({*RATES, now}),
        now,
        format_func=lambda rate: f"{rate:.3g}",
        key=key,
        help="The highest of the schedule: warm-up and cosine are made lower or higher with it.",
        on_change=None if status.ended else rate_moved,
        args=None if status.ended else (status.run_id, key, now),
    )
    if status.state in FORKED:
        back_button(moment, f"Go on from step {{}} at {chosen:.3g}", chosen)


def rate_moved(run_id: str, key: str, now: float) -> None:
    """The slider of a run that goes on was moved: once for each place that it is moved to.

    A browser sends a slider's value once more when the slider has left the page meanwhile, and that counts
    as a move: without this guard one key press made two runs branch off.
    """
    rate, given = state.control(key), state.noted(key)
    if state.model_key() != run_id or rate == (now if given is None else given):
        return
    state.note(key, rate)
    set_rate(run_id, rate)


def back_button(moment: Moment, label: str, rate: float) -> None:
    """Branch off from a run that has ended, at the last step that can be gone on from."""
    status = moment.status
    step = cache.way_back(status.run_id, status.state, status.step)
    if step is None:
        st.caption("Nothing is kept from which this run could go on: start it again with another rate.")
        return
    st.button(
        label.format(f"{step:,}"),
        key="pretraining_slower",
        icon=":material/undo:",
        type="primary",
        on_click=set_rate,
        args=(status.run_id, rate),
    )


def remarks(moment: Moment) -> None:
    """What came of the last order, where the run comes from, and what is missing of it."""
    status = moment.status
    if problem := state.noted(f"refused_{status.run_id}"):
        st.warning(safe(str(problem)), icon=":material/block:")
    if said := rate_sentence(status, moment.recipe):
        said = state.noted(f"branched_{status.run_id}") or said
        st.caption(f":material/call_split: {safe(str(said))}")
    if status.state == "queued" and not moment.events:
        st.caption(
            "While you wait: a run that the class has trained already opens at once, "
            "in *Model* on the left or among the experiments above."
        )
    if status.pruned:
        st.info(
            "The checkpoints of this run were removed to make room: its curve and its samples are left, and "
            "no model to look into. The same recipe gives the same weights again.",
            icon=":material/inventory_2:",
        )
        again = {"on_click": recipes.train_again, "args": (status.run_id,)}
        st.button("Start it again", key="pretraining_again", icon=":material/play_arrow:", **again)


def give(run_id: str, what: str, value: float | None = None) -> str:
    """Ask something of a run, and keep in mind that it was asked; or why not. Returns the run to look at."""
    before = cache.store().status(run_id)
    state.note(f"refused_{run_id}", None)
    try:
        follows = cache.store().command(run_id, what, value, by=state.owner())
    except (NotAllowedError, StoreError, ValueError) as error:
        state.note(f"refused_{run_id}", str(error))
        return run_id
    if follows == run_id:
        state.note(f"asked_{run_id}", asked.Asked(what, time.monotonic(), before.step, before.life, value))
    return follows


def set_rate(run_id: str, rate: float) -> None:
    """Go on with another rate; where that makes a run branch off, look at that one from now on."""
    follows = give(run_id, "set_learning_rate", rate)
    if follows == run_id:
        return
    others = len(cache.watchers_of(run_id) - {state.owner()})
    old, new = cache.store().status(run_id), cache.store().status(follows)
    state.note(f"branched_{follows}", branch_sentence(old, new, others, rate))
    following.follow(follows)
