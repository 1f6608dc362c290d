"""In front of a class: large, without the sidebar, with controls left out; and the link to all this."""

import re
from urllib.parse import urlencode

import streamlit as st

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,60}")  # of a control
MOST_HIDDEN = 30


def presenting() -> bool:
    """Whether the page is shown to a class: `?present=1`."""
    return st.session_state.get("present") == "1"


def set_presenting(on: bool) -> None:
    """Begin or end it, in a callback."""
    st.session_state["present"] = "1" if on else ""


def left_out() -> tuple[str, ...]:
    """The controls that the address leaves out: `?hide=attention_scaled,step`."""
    names = st.session_state.get("hide", "")[:2000].split(",")
    return tuple(dict.fromkeys(name for name in names if NAME.fullmatch(name)))[:MOST_HIDDEN]


def address(**changes: str) -> str:
    """The link to what is on the screen now, with some parameters changed; an empty one is left out."""
    found = {name: value for name, value in (st.query_params.to_dict() | changes).items() if value}
    return (st.context.url or "") + (f"?{urlencode(found)}" if found else "")
