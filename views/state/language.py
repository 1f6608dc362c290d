"""The language of the lessons: `?lang=de`."""

import streamlit as st

from views.lessons import FIRST, LANGUAGES, LESSONS, furniture


def language() -> str:
    """The folder that lessons are read from."""
    chosen = st.session_state.get("lang", FIRST)
    return chosen if chosen in LANGUAGES else FIRST


def translated(page: str) -> bool:
    """Whether the text of a page is there in this language; else it is read in the first one."""
    return (LESSONS / language() / f"{page}.md").exists()


def language_picker() -> None:
    """Choose it, where there is more than one. The address holds its folder, in a hidden field."""
    if len(LANGUAGES) > 1:
        st.session_state["lang_picked"] = language()
        st.selectbox(
            furniture(language())["language"],
            LANGUAGES,
            format_func=lambda one: furniture(one)["name"],
            key="lang_picked",
            on_change=pick_language,
        )


def pick_language() -> None:
    """The picker was used."""
    st.session_state["lang"] = st.session_state["lang_picked"]
