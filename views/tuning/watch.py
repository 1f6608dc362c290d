"""A fine-tuning while it learns: what it is asked to do, its losses, and how well it does it."""

from functools import partial

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from runs import Recipe
from runs.tuning import in_words, kind_of
from views import cache, live
from views.catalogue import is_brought, is_run
from views.diverged import diverged_card
from views.figures.scores import Score, scores_figure
from views.figures.training import Curves, loss_figure
from views.here import Here
from views.moment import Moment
from views.road import ROAD, file_of
from views.runs_seen import curves_of, state_sentence
from views.text import safe, shown
from views.theme import Palette
from views.transport import transport
from views.tuning.controls import KINDS

SHARES = {  # scores that are shares, by page: how they are called in the picture
    "classification": {"train_accuracy": "texts learned from", "val_accuracy": "texts never seen"},
    "instructions": {"exact": "answered word for word", "stopped": "stopped by itself"},
}
ROWS = {  # what is learned from and what is watched, and what a loss belongs to
    "classification": (("texts learned from", "texts never seen"), "text"),
    "instructions": (("items learned from", "items never seen"), "target"),
}
TITLES = {station.path: station.title for part in ROAD.values() for station in part}
BODY = "What you see here is what is left of its next-token predictions."
OLD = {"old_loss": "the text that it once learned"}


def chosen(here: Here, kind: str) -> Recipe | None:
    """The recipe of the chosen model, if it is a run that learns this."""
    key, store = here.choice.key, cache.store()
    if store is None or not is_run(store, key):
        return None
    recipe = store.recipe(key)
    return recipe if kind_of(recipe.tuning) == kind else None


def link(here: Here) -> None:
    """On other pages that watch runs: the way to the page of a fine-tuning."""
    for page, kind in KINDS.items():
        if chosen(here, kind):
            st.page_link(
                file_of(page),
                label=f"This run is a fine-tuning: it has more to show on {TITLES[page]}",
                icon=":material/tune:",
            )


def purpose(here: Here) -> None:
    """On pages that read next tokens: what a model was trained for, if that is something else."""
    if sentence := purpose_sentence(here):
        st.info(sentence, icon=":material/tune:")


def purpose_sentence(here: Here) -> str:
    """What a fine-tuned run, or a classifier that was brought, was trained for; "" for any other model."""
    key, store = here.choice.key, cache.store()
    if is_brought(store, key) and cache.about_model(key).classes:
        return f"{safe(here.choice.label)} was trained to classify texts. {BODY}"
    for page, kind in KINDS.items():
        if recipe := chosen(here, kind):
            told = f"{safe(here.choice.label)} is a fine-tuning: it {safe(in_words(recipe.tuning))}. "
            return told + (f"{BODY} Its classes are on *{TITLES[page]}*." if kind == "classify" else "")
    return ""


def watch(page: str, run_id: str) -> None:
    """The run, refreshed until it ends."""
    live.watch(run_id, partial(draw, page))


def draw(page: str, moment: Moment) -> None:
    """How it stands, what can be asked of it, and its curves."""
    transport(moment)
    draw_numbers(moment)
    if moment.status.state == "diverged":
        diverged_card(moment)
    left, right = st.columns(2, gap="large")
    with left:
        draw_losses(page, moment)
    with right:
        draw_scores(page, moment)
    if moment.evaluations:
        seen = [one for one in moment.evaluations if one.step <= (moment.chosen or 0)]
        now = (seen or moment.evaluations[:1])[-1]
        st.markdown(f"**After step {now.step:,}** · {safe(now.sample)}")


def draw_numbers(moment: Moment) -> None:
    """What it learns, and how many of its numbers change."""
    status = moment.status
    learning, all_of_them = cache.numbers_learning(status.run_id)
    share = learning / all_of_them
    if not status.ended:
        st.progress(min(1.0, status.step / max(1, status.steps)))
    st.caption(
        f"It {safe(in_words(moment.recipe.tuning))} · {learning:,} of {all_of_them:,} numbers learn "
        f"({share:.1%})"
    )


def draw_losses(page: str, moment: Moment) -> None:
    """The loss by step."""
    status = moment.status
    steps = status.step if status.ended else status.steps
    marked = moment.chosen if moment.resting and moment.chosen != status.step else None
    names, unit = ROWS[page]

    def figure(palette: Palette) -> go.Figure:
        return loss_figure(losses_of(moment), steps, palette, chosen=marked, names=names, unit=unit)

    moment.figure("loss", figure, alt=f"Loss of the run. {state_sentence(status)}", page=page)


def losses_of(moment: Moment) -> Curves:
    """The run's losses; guessing is the only level to compare with."""
    return moment.once("losses", lambda: curves_of(moment.events, cache.choices_of(moment.run_id)))


def draw_scores(page: str, moment: Moment) -> None:
    """How well it does what it learns, and how much of the old text it has forgotten."""
    shares, old = (scores_of(moment, names) for names in (SHARES[page], OLD))
    if not shares:
        return
    status = moment.status
    steps = status.step if status.ended else status.steps

    def figure(palette: Palette) -> go.Figure:
        return scores_figure(shares, steps, palette, chance=chance_of(page, moment))

    moment.figure("scores", figure, alt=told(shares), page=page)
    before, now = old[0].values[0], old[0].values[-1]
    st.metric(
        "Forgetting: loss on the text that it once learned (nats a token)",
        shown(float(now)),
        f"{now - before:+.2f} since step 0",
        delta_color="inverse",
        delta_arrow="auto",
    )


def chance_of(page: str, moment: Moment) -> float | None:
    """The share that guessing would get right, where there are classes to guess."""
    return 1 / cache.choices_of(moment.run_id) if page == "classification" else None


def scores_of(moment: Moment, names: dict[str, str]) -> list[Score]:
    """Scores of the evaluations so far, under the names of the picture."""
    rows = [one for one in moment.evaluations if set(names) <= set(one.scores)]
    steps = np.array([one.step for one in rows])
    found = [Score(title, steps, np.array([one.scores[key] for one in rows])) for key, title in names.items()]
    return found if rows else []


def told(scores: list[Score]) -> str:
    """The newest scores, in a sentence."""
    newest = ", ".join(f"{one.name} {one.values[-1]:.0%}" for one in scores)
    return f"After step {scores[0].steps[-1]:,}: {newest}."
