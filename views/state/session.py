"""What one browser tab remembers: a page's controls, its messages, clicks that must count once."""

from uuid import uuid4

import streamlit as st

from views.lessons import read_value


def counted(key: str, most: int) -> int:
    """How many steps a person has taken on a page, between 0 and `most`."""
    value = st.session_state.get(key, 0)
    return min(max(value, 0), most) if isinstance(value, int) else 0


def count_on(key: str, most: int, steps: int) -> None:
    """Take more steps, at most `most` in all; none at all is back to the start."""
    st.session_state[key] = min(counted(key, most) + steps, most) if steps else 0


def controls(prefix: str) -> dict:
    """The values of all controls that have one and whose key begins so, by the rest of the key."""
    known = st.session_state.to_dict()  # one copy: asked for one by one, each is looked up anew
    named = {key.removeprefix(prefix): value for key, value in known.items() if key.startswith(prefix)}
    return {name: value for name, value in named.items() if value is not None}


def control(key: str) -> object:
    """The value of one control, in its own callback too."""
    return st.session_state[key]


def set_control(key: str, value: object) -> None:
    """Set a control before it is made."""
    st.session_state[key] = value


def place_slider(label: str, key: str, count: int) -> int:
    """One of `count` things of a page, from 0; a place that is no longer there becomes the last."""
    last = max(0, count - 1)
    hold_place(key, count)
    chosen = st.slider(label, 0, max(1, last), key=key, persist_state="session", bind="query-params")
    return min(chosen, last)  # a slider has two places where there is one thing


def hold_place(key: str, count: int) -> None:
    """Before a slider is made: a place that is no longer there becomes the last, any other is kept.

    With other bounds Streamlit takes it for another slider. That one begins with what was kept when the page
    was left, whatever was clicked since, unless it is told.
    """
    changed = took_over(f"{key}_count", count)
    if key in st.session_state and (changed or st.session_state[key] != counted(key, max(0, count - 1))):
        st.session_state[key] = counted(key, max(0, count - 1))


def is_new(key: str, value: str) -> bool:
    """Whether this value has not been seen under this key before; it has been, from now on."""
    before, st.session_state[key] = st.session_state.get(key), value
    return before != value


def took_over(key: str, value: object) -> bool:
    """Whether this value takes the place of another under this key; the first one takes nobody's place."""
    before = noted(key)
    note(key, value)
    return before not in (None, value)


def say(page: str, sentence: str) -> None:
    """Have a page say something once, at its next run."""
    st.session_state["said"] = (page, sentence)


def said(page: str) -> str:
    """What the page was asked to say."""
    at, _ = st.session_state.get("said", ("", ""))
    return st.session_state.pop("said")[1] if at == page else ""


def note(place: str, thing: object) -> None:
    """Keep something in mind at a place, until something else is noted there."""
    st.session_state[f"note_{place}"] = thing


def noted(place: str, otherwise: object = None) -> object:
    """What was noted at a place last; `otherwise` for nothing."""
    return st.session_state.get(f"note_{place}", otherwise)


def click_token(page: str, renew: bool = False) -> str:
    """A token for the next click on a page's Start button; a double click sends the same one twice."""
    key = f"{page}_click"
    if renew or key not in st.session_state:
        st.session_state[key] = uuid4().hex
    return st.session_state[key]


def press(page: str, number: int, sets: dict[str, str]) -> None:
    """A lesson's Try button: set controls by name, numbers and true/false as such, the rest as text."""
    for key, text in sets.items():
        st.session_state[key] = read_value(text)
    st.session_state["pressed"] = (page, number)


def pressed(page: str) -> int | None:
    """Which of this page's Try buttons was pressed last."""
    at, number = st.session_state.get("pressed", ("", None))
    return number if at == page else None
