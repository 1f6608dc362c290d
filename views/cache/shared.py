"""Computed once for everybody: Streamlit's cache, in which nobody who waits keeps others from computing."""

from collections.abc import Callable, Hashable
from contextlib import nullcontext
from functools import wraps
from inspect import signature
from typing import ParamSpec, TypeVar

import streamlit as st

from core.waiting import waiting
from views.turns import long_work

Given = ParamSpec("Given")
Made = TypeVar("Made")


def shared(
    *, max_entries: int, ttl: float | None = None, spinner: str = "", is_long: bool = False
) -> Callable[[Callable[Given, Made]], Callable[Given, Made]]:
    """A decorator as `st.cache_resource`: arguments are hashable, and one that begins with _ is no key.

    What has a spinner, or is said to be long, is long work (views/turns.py). Whoever asks for what another
    person's page is just computing waits for it, and lends the turn meanwhile.
    """
    takes_long = bool(spinner) or is_long

    def decorated(make: Callable[Given, Made]) -> Callable[Given, Made]:
        making: set[Hashable] = set()
        shape = signature(make)

        def key_of(*args: Given.args, **kwargs: Given.kwargs) -> Hashable:
            given = shape.bind(*args, **kwargs).arguments
            return tuple(item for item in given.items() if not item[0].startswith("_"))

        @st.cache_resource(max_entries=max_entries, ttl=ttl, show_spinner=spinner or False)
        @wraps(make)
        def made(*args: Given.args, **kwargs: Given.kwargs) -> Made:
            key = key_of(*args, **kwargs)
            making.add(key)
            try:
                with long_work() if takes_long else nullcontext():
                    return make(*args, **kwargs)
            finally:
                making.discard(key)

        @wraps(make)
        def get(*args: Given.args, **kwargs: Given.kwargs) -> Made:
            is_being_made = making and key_of(*args, **kwargs) in making
            with waiting() if is_being_made else nullcontext():
                return made(*args, **kwargs)

        get.clear = made.clear
        return get

    return decorated
