"""The start of a fine-tuning: of the model that is chosen, at the checkpoint that is looked at."""

from collections.abc import Callable

import streamlit as st

from runs import StoreError
from runs.prepare import fine_tuning
from runs.storyteller import BUNDLED
from runs.tuning import Base, Lora, Tuning, kind_of
from views import cache, state
from views.catalogue import UNTRAINED, is_run
from views.following import follow
from views.here import Here
from views.text import safe
from views.tuning.controls import KINDS, how_of, lora_of, train_of


def base_of(page: str, here: Here) -> Base:
    """The model that a start goes on from; of a run of this page, the one that it went on from."""
    key = here.choice.key
    if key in (BUNDLED, UNTRAINED):
        return Base(model=BUNDLED, step=here.step if key == BUNDLED else 0)
    if not is_run(cache.store(), key):
        return Base(model=key)
    tuning = cache.store().recipe(key).tuning
    return tuning.base if kind_of(tuning) == KINDS[page] else Base(model=key, step=here.step)


def start(page: str, make: Callable[[Base, Lora | None], Tuning]) -> None:
    """The start button, and why the last press led to nothing."""
    st.button(
        "Start fine-tuning",
        icon=":material/play_arrow:",
        key=f"{page}_start",
        on_click=begin,
        args=(page, make, state.click_token(page)),
    )
    if problem := state.said(page):
        st.warning(safe(problem), icon=":material/block:")


def begin(page: str, make: Callable[[Base, Lora | None], Tuning], click: str) -> None:
    """Queue the run and look at it from now on; or say in one sentence why not."""
    how = how_of(page)
    store, missing = cache.opened_store()
    try:
        if store is None:
            raise StoreError(missing)
        tuning = make(base_of(page, state.here()), lora_of(page))
        changes = {"train": train_of(page), "batch_size": how.batch_size, "eval_every": how.eval_every}
        recipe, near = fine_tuning(store.home, tuning, **changes), state.visitor_address()
        follow(store.start(recipe, state.known_owner(), click, address=near))
    except (ValueError, StoreError) as error:
        state.say(page, str(error))
    state.click_token(page, renew=True)
