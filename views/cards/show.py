"""How a card is played: predict with one click, then both are computed or trained, and the numbers decide."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import streamlit as st

from runs import RunStatus, StoreError
from views import cache, experiments, state
from views.cards.card import Card, Outcome, TrainingCard, TuningCard, Words, words_of
from views.figures.overlay import Line
from views.here import Here
from views.lessons import furniture
from views.phrases import fill
from views.picture import figure, palette
from views.text import safe
from views.turns import busy

log = logging.getLogger("glassbox")
REFRESH = 1.0  # seconds, while runs train
Trained = TrainingCard | TuningCard
WHOLE = ("done", "diverged")  # a run that diverged had its chance
FAILED = "Glassbox made a mistake in this comparison"


@st.fragment
def play(card: Card | Trained, here: Here) -> None:
    """A card, folded until it is opened; all that it does runs no page again."""
    safely(unfold, card, here)


def safely(draw: Callable[..., None], *given: object) -> None:
    """A fragment that runs by itself is outside the app's net, so it has one of its own."""
    try:
        draw(*given)
    except Exception as error:
        log.exception("A card failed", exc_info=error)
        st.error(f"{FAILED}: change the prompt or the model.", icon=":material/error:")


def unfold(card: Card | Trained, here: Here) -> None:
    """Its question and predictions, and what comes out once one of them is chosen."""
    words, titles = words_of(card.key), furniture()
    folder = st.expander(
        f"{titles['predict']}: {words.title}",
        icon=":material/help:",
        key=f"card_{card.key}",
        on_change="rerun",
    )
    if not folder.open:
        return
    with folder:
        st.markdown(words.setting)
        said = st.radio(
            titles["predict"],
            range(len(words.predictions)),
            index=None,
            format_func=lambda number: words.predictions[number],
            key=f"card_{card.key}_said",
            label_visibility="collapsed",
        )
        if said is None:
            return
        if isinstance(card, Card):
            compute(card, here, words, said)
        else:
            train(card, words, said)


def compute(card: Card, here: Here, words: Words, said: int) -> None:
    """Both sides at once, and what they came to."""
    seen_from = (here.choice, here.look, here.prompt.text, here.prompt.ids, here.layer, here.head, here.token)
    key = ("card", card.key, *seen_from, st.context.theme.type)
    try:
        with busy(" "):
            outcome = cache.once(key, lambda: card.compare(here))
    except ValueError as error:
        st.info(safe(str(error)), icon=":material/edit:")
        return
    settle(card, words, said, outcome)


def settle(card: Card | Trained, words: Words, said: int, outcome: Outcome) -> None:
    """Which prediction held, the picture, and why."""
    titles = furniture()
    sign, verdict = ("check_circle", "right") if said == outcome.held else ("arrow_forward", "wrong")
    st.markdown(f":material/{sign}: **{titles[verdict]}** {words.predictions[outcome.held]}")
    figure(outcome.figure, key=f"card_{card.key}_picture", alt=outcome.seen)
    told = words.explanation if outcome.held == card.lesson else words.otherwise or words.explanation
    st.markdown(fill(told, outcome.numbers))


def train(card: Trained, words: Words, said: int) -> None:
    """Start the runs, or join those that there are, and watch them."""
    place = f"card_{card.key}_runs"
    if cache.store() is None:
        st.info("Runs cannot be trained on this server: its store cannot be opened.", icon=":material/block:")
        return
    statuses = standing(place)
    if not statuses:
        st.button(
            furniture()["train"],
            icon=":material/science:",
            key=f"card_{card.key}_train",
            on_click=partial(begin, card, place),
        )
        if problem := state.said(place):
            st.warning(safe(problem), icon=":material/block:")
        return
    ended = all(one.ended for one in statuses)
    run_ids = tuple(one.run_id for one in statuses)
    st.fragment(watch_safely, run_every=None if ended else REFRESH)(card, words, said, run_ids, ended)


def standing(place: str) -> list[RunStatus]:
    """How the card's runs stand; none if they were not started, or are no longer there."""
    try:
        return [cache.status_of(run_id) for run_id in state.noted(place) or ()]
    except StoreError:
        return []


def begin(card: Trained, place: str) -> None:
    """All runs of the card, for the whole class."""
    try:
        recipes = card.recipes().values()
        runs = [experiments.start_for_all(cache.store(), recipe, state.known_owner()) for recipe in recipes]
    except (ValueError, StoreError) as error:
        state.say(place, str(error))
        return
    cache.forget_lists()
    state.note(place, runs)


def watch_safely(*given: object) -> None:
    """The runs, new every second."""
    safely(watch, *given)


def watch(card: Trained, words: Words, said: int, run_ids: tuple[str, ...], was_ended: bool) -> None:
    """The curves as they grow; when the last run has ended, which prediction held."""
    statuses = [cache.status_of(run_id) for run_id in run_ids]
    ended = all(status.ended for status in statuses)
    if ended and not was_ended:
        st.rerun()  # nothing has to be asked again and again
    labels = list(card.recipes())
    courses = [cache.course_of(one.run_id, one.state, one.step, one.life) for one in statuses]
    lines = [Line(*one, status.steps) for *one, status in zip(labels, courses, statuses, strict=True)]
    drawn = card.draw(lines, palette())
    if ended:
        try:
            check_whole(labels, statuses)
            settle(card, words, said, replace(card.judge(courses), figure=drawn))
            return
        except ValueError as error:
            st.info(safe(str(error)), icon=":material/block:")
    figure(drawn, key=f"card_{card.key}_picture", alt="The runs, as they train")
    st.caption(
        " · ".join(f"{label}: {one.step} / {one.steps}" for label, one in zip(labels, statuses, strict=True))
    )


def check_whole(labels: Sequence[str], statuses: Sequence[RunStatus]) -> None:
    """Raise ValueError, in a learner's words, for a run that did not come to its end: it was given less."""
    for label, status in zip(labels, statuses, strict=True):
        if status.state not in WHOLE:
            raise ValueError(
                f"The run “{label}” ended at step {status.step} of {status.steps}: the runs cannot be "
                "compared. Go on with it in Runs."
            )
