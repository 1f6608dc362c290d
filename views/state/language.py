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
    """Choose it, where there is more than one."""
    if len(LANGUAGES) > 1:
        st.selectbox(
            furniture(language())["language"],
            LANGUAGES,
            index=LANGUAGES.index(FIRST),
            format_func=lambda one: furniture(one)["name"] if one in LANGUAGES else str(one),
            key="lang",
            bind="query-params",
        )
