"""What a page of runs shows when there is no store: why, and a way to begin a new one, which is a choice."""

import streamlit as st

from runs.errors import StoreError
from runs.settings import settings
from views import cache
from views.frame import visitor
from views.text import safe

FOR_STRANGERS = (
    "Runs cannot be shown or started now: tell whoever runs this server that its run store cannot be used. "
    "Pages without runs work."
)


def show() -> None:
    """The reason, and the button if whoever sees it may decide; strangers read no paths of the server."""
    if settings().strangers and not visitor.is_teacher():
        st.warning(FOR_STRANGERS, icon=":material/database_off:")
        return
    why = cache.opened_store()[1]
    st.warning(f"{safe(why[:1].upper() + why[1:])}.", icon=":material/database_off:")
    if "begin a new store" not in why:
        return
    st.button("Begin a new store", key="begin_new_store", on_click=begin, icon=":material/restart_alt:")
    st.caption("The new store is empty. Folders of old runs and models are renamed and stay on the disk.")


def begin() -> None:
    """Begin a new store; if that fails, the page says why as before."""
    try:
        cache.begin_new_store()
    except (StoreError, OSError) as error:
        st.toast(safe(str(error)))
