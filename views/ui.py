"""The furniture of every page: header, figure, Try buttons, explanation, code lens."""

import logging
from collections.abc import Callable

import streamlit as st

from runs.errors import StoreError
from views import cards, state
from views.cell import cell
from views.code_lens import code_lens
from views.glossary import PLACE, explained, words_in
from views.here import Here
from views.lessons import Lesson, furniture, lesson
from views.phrases import fill
from views.picture import PLOTLY as PLOTLY
from views.picture import below as below
from views.picture import figure as figure
from views.picture import palette as palette
from views.text import safe

log = logging.getLogger("glassbox")
KEEP = {"persist_state": "session", "bind": "query-params"}  # a page's own controls: kept, and in the address


def page_header(page: str, *, tries: bool = True) -> Here:
    """Question and introduction of a page, and its Try buttons, unless there is nothing to try yet."""
    words = lesson(page)
    here = state.here()
    state.note("page", page)
    state.note("told", (page,))
    st.title(words.question)
    state.note("notices", st.container())
    st.markdown(explained(words.introduction))
    if tries:
        try_buttons(page, words)
    return here


def need_tokens(here: Here, at_least: int = 1) -> None:
    """End the page with a hint if the prompt is too short to draw anything."""
    if len(here.prompt.pieces) < at_least:
        told = furniture()["too_short"]
        st.info(fill(told, {"tokens": len(here.prompt.pieces), "needed": at_least}), icon=":material/edit:")
        st.stop()


def try_buttons(page: str, words: Lesson) -> None:
    """One-click settings; the one pressed last says what to watch."""
    if not words.tries:
        return
    with st.container(horizontal=True, gap="small"):
        for number, one in enumerate(words.tries):
            st.button(
                one.label,
                key=f"{page}_try_{number}",
                icon=":material/arrow_forward:",
                on_click=state.press,
                args=(page, number, one.sets),
            )
    pressed = state.pressed(page)
    if pressed is not None:
        st.markdown(f":material/visibility: {words.tries[pressed].watch}")


def explain(page: str, **numbers: object) -> None:
    """What to notice, with the numbers of what is on screen filled in, and the truths."""
    words, titles = lesson(page), furniture()
    state.note("told", tuple(dict.fromkeys((*state.noted("told"), page))))
    if words.notice:
        st.header(titles["notice"])
        st.markdown(fill(explained(words.notice), numbers))
    if words.truths:
        with st.expander(titles["truths"]):
            st.markdown(explained(words.truths))


def show_code(*functions: Callable, label: str | None = None) -> None:
    """The foot of a page: experiments, the source behind the picture, its numbers as a cell, words."""
    here, page = state.here(), state.noted("page")
    titles = furniture()
    cards.show(page, here)
    code_lens(functions, here, lambda: cell(page, here, state.controls("")), label or titles["code"])
    told = [lesson(one) for one in state.noted("told")]
    texts = [text for one in told for text in (one.introduction, one.notice, one.truths)]
    used = words_in("\n".join(texts))
    if used:
        st.header(titles["words"], anchor=PLACE)
        st.caption("  \n".join(f"**{word.term}** {word.meaning}" for word in used))
    state.settle_address()
    for sentence in state.refused():
        state.noted("notices").info(sentence, icon=":material/link_off:")


def sorry(error: Exception) -> None:
    """The sentence for what should never happen; the log has the rest."""
    log.exception("A page failed", exc_info=error)
    if isinstance(error, StoreError):  # it may be that something is lost
        st.error(f"{safe(str(error))}. Pages without runs still work.", icon=":material/database_off:")
        return
    reason = safe(str(error)) if isinstance(error, ValueError) else "Glassbox made a mistake here"
    st.error(
        f"{reason}. Nothing of yours is lost: change a control or choose another page.",
        icon=":material/error:",
    )
