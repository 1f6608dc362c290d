"""Who is at the other end of this session: asked by pages, answered from the cookies of its connection."""

import streamlit as st

from views.frame import identity, teacher


def token() -> bytes | None:
    """What this browser's cookie holds; None for a browser without a valid one."""
    return identity.token_of(dict(st.context.cookies))


def owner() -> str | None:
    """The name under which this person's runs are kept; None for somebody without a cookie."""
    known = token()
    return identity.owner_of(known) if known else None


def address() -> str:
    """The address that this person comes from; a proxy tells it, if FORWARDED_ALLOW_IPS names the proxy."""
    known = st.context.ip_address  # no text on a page that is drawn without a browser
    return known if isinstance(known, str) and known else "127.0.0.1"


def is_teacher() -> bool:
    """Whether this person has opened the teacher's link."""
    return teacher.is_teachers(dict(st.context.cookies))
