"""The tokens that were written after the prompt: held in the address, so that a link reopens them.

While tokens come by themselves they are held in the session alone: the address would get a new entry with
each. Where one holds, the address has them.
"""

import time
from collections.abc import Callable

import streamlit as st

MOST = 60  # tokens after the prompt
LONGEST_ID = 7  # digits
EVERY = 0.4  # seconds a token, where they come by themselves
RUNNING, MOVED = "path_running", "path_moved"

Path = tuple[int, ...]


def written() -> Path:
    """The tokens that were written, as far as the address can be read: it may hold anything."""
    running = st.session_state.get(RUNNING)
    return read_path(str(st.session_state.get("path", ""))) if running is None else running


def read_path(text: str) -> Path:
    """`12.345.7` as token ids, up to the first that is none, at most MOST."""
    ids: list[int] = []
    for part in text[: MOST * (LONGEST_ID + 1)].split(".")[:MOST]:
        if not (part.isascii() and part.isdecimal() and len(part) <= LONGEST_ID):
            break
        ids.append(int(part))
    return tuple(ids)


def set_path(ids: Path) -> None:
    """Stand after these tokens, in a callback."""
    if RUNNING in st.session_state:
        st.session_state[RUNNING] = ids[:MOST]
    else:
        st.session_state["path"] = ".".join(map(str, ids[:MOST]))


def go_to_path(ids: Path) -> None:
    """Stand after these tokens from the next run on, where no callback can be used; nothing runs then."""
    st.session_state.pop(RUNNING, None)
    st.session_state["going_path"] = ids


def arrive_at_path() -> None:
    """What `go_to_path` has asked for, before the field exists."""
    if (going := st.session_state.pop("going_path", None)) is not None:
        set_path(going)


def running() -> bool:
    """Whether tokens come by themselves."""
    return RUNNING in st.session_state


def run_or_hold() -> None:
    """Have tokens come by themselves, or stay where one is, in a callback."""
    if running():
        hold()
    else:
        st.session_state[RUNNING], st.session_state[MOVED] = written(), time.monotonic()


def hold() -> None:
    """Stay: the address has the path from here on."""
    set_path(st.session_state.pop(RUNNING))


def run_on(longer: Callable[[Path], Path]) -> None:
    """While tokens come by themselves: `longer` gives the path with one more, or the same at the end."""
    if running():
        st.fragment(tick, run_every=EVERY)(longer)


def tick(longer: Callable[[Path], Path]) -> None:
    """Move on once a token has been shown long enough: the whole page is drawn again."""
    if not running() or time.monotonic() - st.session_state[MOVED] < 0.8 * EVERY:
        return  # the first call, with the page itself
    now, after = written(), longer(written())
    st.session_state[MOVED] = time.monotonic()
    if after == now or len(after) > MOST:
        hold()
    else:
        st.session_state[RUNNING] = after
    st.rerun()
