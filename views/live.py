"""A run while it trains: curves, numbers and sample texts, new every second."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import plotly.graph_objects as go
import streamlit as st

from runs import EvalEvent, storyteller
from runs.tuning import in_words
from views import cache, compare, following, recipes, state, ui
from views.diverged import diverged_card
from views.figures.training import Curves, loss_figure, small_curve
from views.inner import draw_gradients, draw_heads
from views.moment import MOST_OPENED, OPENED, Moment, moment_of
from views.passage import draw_passage
from views.road import ROAD, file_of
from views.runs_seen import curves_of, pace_of, state_sentence
from views.samples import draw_copied, draw_samples, draw_timeline
from views.step_view import draw_step
from views.text import shown
from views.theme import Palette
from views.transport import transport

STYLE = Path(__file__).parents[1] / "assets/live.css"
REFRESH = 1.0  # seconds
USES = ("attention", "embeddings", "sampling")  # pages that a trained model is wanted on first
CLOSER: dict[str, Callable[[Moment], None]] = {
    "Where it is surprised": draw_passage,
    "Gradients by block": draw_gradients,
    "Heads being born": draw_heads,
    "One step": draw_step,
}


def watch(run_id: str, draw: Callable[[Moment], None] | None = None) -> None:
    """Everything about one run, or what `draw` makes of it, refreshed until it ends."""
    ended = cache.store().status(run_id).ended
    st.fragment(draw_safely, run_every=None if ended else REFRESH)(run_id, ended, draw or draw_run)


def draw_safely(run_id: str, was_ended: bool, draw: Callable[[Moment], None]) -> None:
    """A fragment that runs by itself is outside the app's net, so it has one of its own."""
    try:
        draw_now(run_id, was_ended, draw)
    except Exception as error:
        ui.sorry(error)


def draw_now(run_id: str, was_ended: bool, draw: Callable[[Moment], None]) -> None:
    """Draw the run as it is now. When it comes to rest, the whole page runs once more, for the sidebar."""
    moment = moment_of(run_id)
    status = moment.status
    if status.ended != was_ended or state.model_key() != run_id or (moment.resting and moment.stale):
        st.rerun()
    following.arrived(run_id)
    draw(moment)


def draw_run(moment: Moment) -> None:
    """All of a run: how it stands, its losses, what it writes, and a closer look."""
    status, run_id = moment.status, moment.run_id
    transport(moment)
    draw_numbers(moment)
    if status.state == "diverged":
        diverged_card(moment)
    if compare.laid_over(run_id):
        compare.overlay(status, moment.events)
    else:
        draw_loss(moment)
        draw_words(moment)
    draw_closer(moment)
    if moment.evaluations:
        page_links()
        ui.explain("pretraining", **lesson_numbers(moment.evaluations, cache.run_vocabulary(run_id)))


def draw_numbers(moment: Moment) -> None:
    """Size, speed and time left, in one line."""
    status = moment.status
    pace = pace_of(moment.events, status)
    tuning = moment.recipe.tuning
    size = recipes.size_sentence(moment.recipe, cache.run_config(status.run_id))
    parts = [ui.safe(f"It {in_words(tuning)}") if tuning else size]
    if pace and not tuning:
        parts.append(f"{shown(pace.tokens_per_second)} tokens/s")
        if not status.ended:
            parts.append(f"about {pace.seconds_left:.0f} s left")
    if not status.ended:
        st.progress(min(1.0, status.step / max(1, status.steps)))
    st.caption(" · ".join(parts))


def draw_loss(moment: Moment) -> None:
    """The main picture: the loss by step, with what was done on the way."""
    status = moment.status
    marked = moment.chosen if moment.resting and len(moment.steps) > 1 else None
    steps, changes = status.step if status.ended else status.steps, moment.recipe.rate_changes

    def draw(palette: Palette) -> go.Figure:
        return loss_figure(curves_at(moment), steps, palette, chosen=marked, changes=changes)

    moment.figure("loss", draw, alt=f"Loss of the run. {state_sentence(status)}")


def curves_at(moment: Moment) -> Curves:
    """All curves of the run, made once for all who watch."""

    def make() -> Curves:
        counted = moment.evaluations and not moment.recipe.tuning
        pairs = cache.run_bigram(moment.run_id) if counted else None
        return curves_of(moment.events, cache.choices_of(moment.run_id), pairs)

    return moment.once("curves", make)


def draw_words(moment: Moment) -> None:
    """What it writes, large; beside it how much of that is learned by heart, and two small curves."""
    left, right = st.columns([1.6, 1], gap="large")
    with left:
        now = draw_samples(moment.evaluations, moment.chosen if moment.resting else None)
        draw_copied(now, moment.recipe)
    with right:
        draw_small(moment)
    draw_timeline(moment.evaluations, now)


def draw_small(moment: Moment) -> None:
    """Gradient norm and learning rate, by step."""
    if not moment.updates:
        return

    def draw(palette: Palette, name: str, field: str) -> go.Figure:
        curves = curves_at(moment)
        values = getattr(curves, field)
        return small_curve(curves.steps, values, palette, name=name, log=field == "grad_norms")

    for name, field in (("gradient norm", "grad_norms"), ("learning rate", "learning_rates")):
        moment.figure(field, partial(draw, name=name, field=field), alt=f"{name} by step")


def draw_closer(moment: Moment) -> None:
    """A closer look, one at a time: what is not open is not computed."""
    count = {"args": (OPENED, MOST_OPENED, 1)}
    tabs = st.tabs(list(CLOSER), key="pretraining_closer", on_change=state.count_on, **count)
    for tab, draw in zip(tabs, CLOSER.values(), strict=True):
        if tab.open:
            with tab:
                draw(moment)


def page_links() -> None:
    """The way from a trained model to the pages that look into it."""
    stations = {station.path: station for stations in ROAD.values() for station in stations}
    st.markdown("This model is now chosen on every page:")
    with st.container(horizontal=True):
        for path in USES:
            st.page_link(file_of(path), label=stations[path].title, icon=stations[path].icon)


def bundled_story() -> None:
    """How the bundled model learned, for who has no run yet."""
    evaluations = storyteller.evaluations()
    vocab_size = storyteller.tokenizer().vocab_size
    st.markdown("**How the bundled Storyteller learned** · start a run of your own and it takes this place")
    curves = curves_of(evaluations, vocab_size, storyteller.pairs_loss())
    drawn = loss_figure(curves, evaluations[-1].step, ui.palette())
    ui.figure(drawn, key="pretraining_bundled", alt="Losses of the bundled model while it was trained")
    draw_timeline(evaluations, draw_samples(evaluations, None))
    ui.explain("pretraining", **lesson_numbers(evaluations, vocab_size))


def lesson_numbers(evaluations: Sequence[EvalEvent], vocab_size: int) -> dict[str, object]:
    """The numbers that the lesson quotes."""
    best = min(evaluations, key=lambda event: event.val_loss)
    gap = evaluations[-1].val_loss - evaluations[-1].train_loss
    return {
        "vocab": vocab_size,
        "first": evaluations[0].val_loss,
        "last": evaluations[-1].val_loss,
        "best": best.val_loss,
        "best_step": best.step,
        "gap": gap,
        "gap_words": gap_words(gap),
    }


def gap_words(gap: float) -> str:
    """What validation text costs beside training text, in nats a token, to be followed by the latter."""
    if abs(gap) < 0.05:
        return "about as much as"
    return f"{abs(gap):.2f} nats {'more' if gap > 0 else 'less'} than"
