"""A run while it trains: curves, numbers and sample texts, new every second."""

from collections.abc import Sequence

import streamlit as st

from core.training import TrainEvent
from runs import EvalEvent, Recipe, RunStatus
from views import cache, recipes, state, ui
from views.catalogue import BUNDLED
from views.figures.training import loss_figure, small_curve
from views.road import ROAD
from views.runs_seen import (
    bigram_of,
    bundled_evaluations,
    copied,
    curves_of,
    evaluations_of,
    pace_of,
    state_sentence,
)
from views.text import prose, safe, shown

REFRESH = 1.0  # seconds
AT_WORK = ("queued", "starting", "running")
ORDERS = (
    ("Pause", "pause", ":material/pause:", AT_WORK),
    ("Go on", "play", ":material/play_arrow:", ("paused",)),
    ("Stop", "stop", ":material/stop:", (*AT_WORK, "paused")),
)
USES = ("attention", "embeddings", "sampling")  # pages that a trained model is wanted on first


def watch(run_id: str) -> None:
    """Everything about one run, refreshed until it ends."""
    ended = cache.store().status(run_id).ended
    st.fragment(draw_safely, run_every=None if ended else REFRESH)(run_id, ended)


def draw_safely(run_id: str, was_ended: bool) -> None:
    """A fragment that runs by itself is outside the app's net, so it has one of its own."""
    try:
        draw_run(run_id, was_ended)
    except Exception as error:
        ui.sorry(error)


def draw_run(run_id: str, was_ended: bool) -> None:
    """Draw the run as it is now. When it ends, the whole page runs once more, for its last checkpoint."""
    status = cache.store().status(run_id)
    events = cache.events_of(run_id, status.state, status.step)
    if (status.ended and not was_ended) or state.model_key() != run_id:
        st.rerun()
    order_buttons(status)
    draw_numbers(status, events)
    recipe, evaluations = cache.recipe_of(run_id, status.key), evaluations_of(events)
    curves = curves_of(events, cache.run_vocabulary(run_id), bigram_of(recipe) if evaluations else None)
    ui.figure(
        loss_figure(curves, status.step if status.ended else status.steps, ui.palette()),
        key="pretraining_loss",
        alt=f"Loss of the run. {state_sentence(status)}",
    )
    left, right = st.columns([1.4, 1])
    with left:
        draw_samples(evaluations)
        draw_copied(evaluations, recipe)
    with right:
        for name, values, log in (
            ("gradient norm", curves.grad_norms, True),
            ("learning rate", curves.learning_rates, False),
        ):
            drawn = small_curve(curves.steps, values, ui.palette(), name=name, log=log)
            ui.figure(drawn, key=f"pretraining_{name.replace(' ', '_')}", alt=f"{name} by step")
    if evaluations:
        page_links()
        ui.explain("pretraining", **lesson_numbers(evaluations, cache.run_vocabulary(run_id)))


def draw_numbers(status: RunStatus, events: Sequence[TrainEvent | EvalEvent]) -> None:
    """Size, speed and time left, in one line."""
    pace = pace_of(events, status)
    parts = [
        recipes.size_sentence(cache.recipe_of(status.run_id, status.key), cache.run_config(status.run_id))
    ]
    if pace:
        parts.append(f"{shown(pace.tokens_per_second)} tokens/s")
        if not status.ended:
            parts.append(f"about {pace.seconds_left:.0f} s left")
    st.caption(" · ".join(parts))
    st.progress(min(1.0, status.step / max(1, status.steps)))


def draw_samples(evaluations: Sequence[EvalEvent]) -> None:
    """What the model wrote at each evaluation, newest on top."""
    st.markdown("**What it writes**")
    with st.container(height=420, border=False):
        for event in reversed(evaluations):
            st.caption(f"step {event.step:,} · validation {event.val_loss:.2f} nats")
            st.markdown(prose(event.sample))


def draw_copied(evaluations: Sequence[EvalEvent], recipe: Recipe) -> None:
    """How much of the newest sample is learned by heart."""
    if evaluations:
        found = copied(evaluations[-1].sample, recipe)
        length = f"{len(found)} characters, the prompt included"
        st.caption(f"Longest stretch copied from its text: {length}: «{safe(found.strip())}»")


def page_links() -> None:
    """The way from a trained model to the pages that look into it."""
    stations = {station.path: station for stations in ROAD.values() for station in stations}
    st.markdown("This model is now chosen on every page:")
    with st.container(horizontal=True):
        for path in USES:
            st.page_link(stations[path].file, label=stations[path].title, icon=stations[path].icon)


def order_buttons(status: RunStatus) -> None:
    """How the run stands and what can be asked of it now; why not, if it was asked in vain."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{safe(state_sentence(status))}**", width="content")
        for label, what, icon, states in ORDERS:
            if status.state in states:
                key = f"pretraining_{what}"
                st.button(label, key=key, icon=icon, on_click=recipes.order, args=(status.run_id, what))
        if status.state == "diverged":
            rate = cache.recipe_of(status.run_id, status.key).train.learning_rate / 3
            label = f"Train again at a third of the rate ({shown(rate)})"
            st.button(label, key="pretraining_slower", on_click=recipes.start_slower, args=(status.run_id,))
    if problem := state.said("run"):
        st.warning(safe(problem), icon=":material/block:")


def bundled_story() -> None:
    """How the bundled model learned, for who has no run yet."""
    evaluations = bundled_evaluations()
    _, tokenizer = cache.model_and_tokenizer(BUNDLED, None)
    st.markdown("**How the bundled Storyteller learned** · start a run of your own and it takes this place")
    pairs = bigram_of(Recipe.preset("bundled"), tokenizer)
    curves = curves_of(evaluations, tokenizer.vocab_size, pairs)
    drawn = loss_figure(curves, evaluations[-1].step, ui.palette())
    ui.figure(drawn, key="pretraining_bundled", alt="Losses of the bundled model while it was trained")
    draw_samples(evaluations)
    ui.explain("pretraining", **lesson_numbers(evaluations, tokenizer.vocab_size))


def lesson_numbers(evaluations: Sequence[EvalEvent], vocab_size: int) -> dict[str, object]:
    """The numbers that the lesson quotes."""
    best = min(evaluations, key=lambda event: event.val_loss)
    return {
        "vocab": vocab_size,
        "first": evaluations[0].val_loss,
        "last": evaluations[-1].val_loss,
        "best": best.val_loss,
        "best_step": best.step,
        "gap": evaluations[-1].val_loss - evaluations[-1].train_loss,
    }
