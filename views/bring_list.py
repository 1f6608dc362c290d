"""The models that a person has brought: open, rename, delete, and how their tokens are read."""

import streamlit as st

from runs import StoreError
from runs.bringing import read_otherwise
from runs.brought import VOCABULARIES, Entry
from runs.keeping import IN_USE, MOST
from runs.settings import settings
from runs.shelf import LONGEST_NAME
from views import cache, catalogue, state
from views.bring import prompt_for
from views.bring_words import memory
from views.here import Here
from views.text import safe


def mine() -> None:
    """The list; nothing for who has brought none."""
    entries = cache.brought_by(state.owner())
    if problem := state.said("bring"):
        st.warning(safe(problem), icon=":material/block:")
    if not entries:
        return
    st.header("Models that you brought", anchor=False)
    for entry in entries:
        line(entry)
    st.caption(rule())


def line(entry: Entry) -> None:
    """One model, and what can be done with it."""
    is_open = state.model_key() == entry.model_id
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        told = f"{catalogue.kind_and_size(cache.store(), entry.model_id)} · {memory(entry.bytes)}"
        st.markdown(f"**{safe(entry.name)}**  \n{safe(told)}", width="stretch")
        st.button(
            "Chosen" if is_open else "Open",
            key=f"bring_open_{entry.model_id}",
            on_click=state.pick_model,
            args=(entry.model_id,),
            disabled=is_open,
        )
        rename(entry)
        st.button("Delete", key=f"bring_delete_{entry.model_id}", on_click=delete, args=(entry.model_id,))


def rename(entry: Entry) -> None:
    """A name of one's own."""
    key = f"bring_name_{entry.model_id}"
    with st.popover("Rename"), st.form(f"{key}_form", border=False):
        st.text_input("Name", entry.name, max_chars=LONGEST_NAME, key=key)
        st.form_submit_button("Save", on_click=save_name, args=(entry.model_id, key))


def save_name(model_id: str, key: str) -> None:
    """The form's button."""
    cache.store().brought().rename(model_id, state.owner(), str(state.control(key)))
    cache.forget_lists()


def delete(model_id: str) -> None:
    """Take it from the list; its files go with the last list that it is on."""
    cache.store().brought().delete(model_id, state.owner())
    cache.forget_lists()
    if state.model_key() == model_id:
        state.pick_model(catalogue.BUNDLED)


def rule() -> str:
    """The bounds, as they are set on this server."""
    quota = settings().brought_bytes / 2**30
    return (
        f"At most {MOST} models a person, {quota:,.0f} GiB for all on this server: when that is full, "
        "the one that was opened longest ago goes first, never one of the last "
        f"{IN_USE / 60:.0f} minutes. Whoever has the link of a model can look into it."
    )


def vocabulary_picker(here: Here) -> None:
    """How the tokens of the chosen model are read, for who has brought it, where there is a choice."""
    key = here.choice.key
    if key not in {entry.model_id for entry in cache.brought_by(state.owner())}:
        return
    labels = [way[0] for way in cache.store().brought().read(key, VOCABULARIES)]
    if len(labels) > 1:
        st.selectbox(
            "Tokens are read by",
            labels,
            labels.index(cache.about_model(key).vocabulary),
            key=f"bring_vocabulary_{key}",
            on_change=otherwise,
            args=(key, labels),
            width=420,
        )


def otherwise(model_id: str, labels: list[str]) -> None:
    """The picker was used: the same weights with another vocabulary."""
    number = labels.index(str(state.control(f"bring_vocabulary_{model_id}")))
    try:
        other = read_otherwise(cache.store().home, model_id, state.owner(), number)
    except (ValueError, StoreError) as error:
        state.say("bring", f"{error}.")
        return
    cache.forget_lists()
    state.go_to_model(other, prompt_for(other))
