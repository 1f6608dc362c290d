"""The flagship experiments: predict, then one press trains all runs and lays them over each other."""

from collections.abc import Collection
from functools import cache as kept

import streamlit as st

from runs import Recipe, RunStore, StoreError
from runs.presets import EXPERIMENTS, PRESETS, Experiment
from views import cache, state, ui
from views.text import safe


def gallery() -> None:
    """The experiments by title; of the chosen one the question to predict from, and the button."""
    if cache.store() is None:
        return
    with st.container(key="experiments", gap="small"):
        chosen = state.choice(
            st.pills,
            "Experiments: predict first, then train",
            list(EXPERIMENTS),
            format_func=title_of,
            default=next(iter(EXPERIMENTS)),
            required=True,
            key="experiment_chosen",
            **ui.KEEP,
        )
        question(chosen if chosen in EXPERIMENTS else next(iter(EXPERIMENTS)))
    if problem := state.said("experiment"):
        st.warning(safe(problem), icon=":material/block:")


def question(key: str) -> None:
    """What to predict, and the button that lets the runs answer."""
    experiment = EXPERIMENTS[key]
    count = len(experiment.recipes)
    left, right = st.columns([2, 1], vertical_alignment="center", gap="medium")
    left.markdown(f"**{experiment.question}**")
    right.button(
        "Train both, compare" if count == 2 else f"Train all {count}, compare",
        icon=":material/science:",
        key="experiment_start",
        on_click=begin,
        args=(key,),
        width="stretch",
    )


def title_of(key: str) -> str:
    """How an experiment is called."""
    return EXPERIMENTS[key].title if key in EXPERIMENTS else str(key)


def begin(key: str) -> None:
    """Start all runs of an experiment, or join those that there are, and compare them as they grow.

    What has been started stays so if the next is refused: the same press goes on from there later.
    """
    started: list[str] = []
    named_after = PRESETS.get(key)
    try:
        for recipe in sorted(EXPERIMENTS[key].recipes.values(), key=lambda recipe: recipe != named_after):
            started.append(start_for_all(cache.store(), recipe, state.known_owner()))
    except (ValueError, StoreError) as error:
        state.say("experiment", f"{len(started)} of {len(EXPERIMENTS[key].recipes)} started: {error}.")
    cache.forget_lists()
    if started:
        state.pick_model(started[0])
        state.compare_with(started[1:])


def start_for_all(store: RunStore, recipe: Recipe, owner: str) -> str:
    """Start a run that the whole class sees in its list; whoever presses after that joins it."""
    run_id = store.start(recipe, owner, address=state.visitor_address())
    if store.status(run_id).owner == owner:
        store.shelf(owner).share(run_id)
    return run_id


@kept
def keys_of(name: str) -> frozenset[str]:
    """What the recipes of an experiment are known by."""
    return frozenset(recipe.key() for recipe in EXPERIMENTS[name].recipes.values())


def shown_with(keys: Collection[str]) -> Experiment | None:
    """The experiment whose recipes are all among these, by their keys."""
    return next((EXPERIMENTS[name] for name in EXPERIMENTS if keys_of(name) <= set(keys)), None)
