"""Whose tab this is, and where it comes from."""

from uuid import uuid4

import streamlit as st

from runs.errors import NotAllowedError
from views.frame import visitor

NOBODY = "nobody-"  # how the name of a tab begins whose browser has no cookie of ours; it owns nothing


def owner() -> str:
    """Whose runs are whose: one browser is one person, in all its tabs and after a reload."""
    if "owner" not in st.session_state:  # read once a tab: the cookie is the browser's
        st.session_state["owner"] = visitor.owner() or f"{NOBODY}{uuid4().hex}"
    return st.session_state["owner"]


def known_owner() -> str:
    """The same, of somebody who can be found again. NotAllowedError for a browser without our cookie."""
    if owner().startswith(NOBODY):
        raise NotAllowedError(
            "your browser keeps no cookie of this address, so you could not find again what you start: "
            "allow cookies here and reload the page"
        )
    return owner()


def address() -> str:
    """The network address that this person comes from: the store counts runs by it, and keeps a hash."""
    return visitor.address()
