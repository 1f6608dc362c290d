"""What a link asks of the controls: an option by its label or by its code; what no control can be is said.

The address holds labels, as people read them; lessons and hand-written links hold codes. Both work.
"""

import json
from collections.abc import Callable, Sequence
from math import isclose

import streamlit as st

from views.state.session import note, noted
from views.text import safe

LONGEST = 60  # characters of a value that are said
ASKED = "link_asked"  # numbers and switches that the address asked for, until their controls are made
REFUSED = "link_refused"  # what was refused: by key, the page, the sentence, and what stands there instead
NONE = object()


def choice(
    widget: Callable,
    label: str,
    options: Sequence[object],
    *,
    key: str,
    format_func: Callable[[object], str] = str,
    **how: object,
) -> object:
    """A control with options, made by `widget`; at first it stands where the address says.

    The address may name an option by its label or by its code. What is neither is said on the page, and the
    control stands where it would without the address.
    """
    asked = st.query_params.get_all(key) if key not in st.session_state else []
    found = [(text, option_of(text, options, format_func)) for text in asked if text]
    if any(named == "code" for _, (_, named) in found):
        labels = [text if option is NONE else format_func(option) for text, (option, _) in found]
        st.query_params[key] = labels
        st.rerun()  # widgets read the address as it was when the run began
    chosen = widget(label, options, key=key, format_func=format_func, **how)
    if chosen is None and how.get("required"):  # only a hostile message says that nothing is chosen
        chosen = how.get("default", options[0])
    if asked:
        noted(ASKED, {}).pop(key, None)
    for text, (option, _) in found:
        if option is NONE:
            refuse(key, label, text, chosen, shown_choice(chosen, format_func))
    return chosen


def option_of(text: str, options: Sequence[object], format_func: Callable[[object], str]) -> tuple:
    """The option that a text of the address names, and by what: its label or its code; NONE for neither."""
    for option in options:
        if format_func(option) == text:
            return option, "label"
    for option in options:
        if str(option) == text or same_number(text, option):
            return option, "code"
    return NONE, ""


def same_number(text: str, value: object) -> bool:
    """Whether a text of the address is this number or switch, in whatever way it is written."""
    if isinstance(value, bool):
        return text.lower() == str(value).lower()
    if not isinstance(value, int | float):
        return False
    try:
        return isclose(float(text), value, rel_tol=1e-9)
    except ValueError:
        return False


def shown_choice(chosen: object, format_func: Callable[[object], str]) -> str:
    """What a control shows, in words."""
    if isinstance(chosen, list):
        return ", ".join(map(format_func, chosen)) or "empty"
    return "empty" if chosen is None else format_func(chosen)


def remember_address() -> None:
    """When a session begins: what the address asks for, for `settle_address`."""
    names = filter(str.isidentifier, st.query_params)  # as our keys are; Streamlit raises for others
    note(ASKED, {name: st.query_params.get_all(name)[-1] for name in names})


def settle_address() -> None:
    """At the foot of a page: sliders and switches that do not stand where the address asked are noted."""
    asked = noted(ASKED, {})
    for key in [key for key in asked if key in st.session_state]:
        text, value = asked.pop(key), st.session_state[key]
        if isinstance(value, bool | int | float) and text and not same_number(text, value):
            refuse(key, key, text, value, json.dumps(value))


def refuse(key: str, label: str, text: str, value: object, shown: str) -> None:
    """Note that a link asked a control for what it cannot be."""
    text = text if len(text) <= LONGEST else f"{text[:LONGEST]} …"
    sentence = (
        f"The link asks for “{safe(text)}” as *{safe(label)}*, which is not possible here: "
        f"it is “{safe(shown)}”."
    )
    note(REFUSED, noted(REFUSED, {}) | {key: (noted("page"), sentence, value)})


def refused() -> list[str]:
    """What this page's link asked for in vain, as long as the controls stand where they stood then."""
    page, found = noted("page"), noted(REFUSED, {})
    return [
        sentence
        for key, (at, sentence, value) in found.items()
        if at == page and st.session_state.get(key, value) == value
    ]
