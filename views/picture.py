"""A figure on a page: drawn in this person's theme, with a sentence about it, and its numbers below."""

import math
from collections.abc import Callable, Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from views import state, theme
from views.figure_tools import tools
from views.table import table_of

PLOTLY = {"displaylogo": False, "modeBarButtons": [["toImage"]]}  # hidden by the style; "Numbers" presses it


def palette() -> theme.Palette:
    """The colours of the theme that this person has chosen."""
    return theme.DARK if st.context.theme.type == "dark" else theme.LIGHT


def figure(
    drawn: go.Figure,
    *,
    key: str,
    alt: str,
    caption: str = "",
    table: Callable[[], pd.DataFrame] | None = None,
    on_click: Callable[[float, float], None] | None = None,
) -> None:
    """Show a figure, with a sentence that says what is to be seen, for screen readers and the back row.

    Below it stand its numbers as a table, and ways to take it away; `table` where what is drawn are shapes,
    and not the numbers themselves. `on_click` is given the place of a click, along x and y, before the page
    runs again; a websocket may send any place.
    """

    def click() -> None:
        place = clicked_place(state.control(key))
        if place is not None:
            on_click(*place)

    clicks = {"on_select": click, "selection_mode": "points"} if on_click else {}
    st.plotly_chart(drawn, key=key, alt=alt, theme=None, config=PLOTLY, **clicks)
    below(key, table or (lambda: table_of(drawn)), caption)


def clicked_place(event: object) -> tuple[float, float] | None:
    """Where the first point lies that the browser says was clicked; None for nothing, or nonsense."""
    selection = event.get("selection") if isinstance(event, Mapping) else None
    points = selection.get("points") if isinstance(selection, Mapping) else None
    first = points[0] if isinstance(points, Sequence) and points else None
    place = (first.get("x"), first.get("y")) if isinstance(first, Mapping) else ()
    numbers = [one for one in place if isinstance(one, int | float) and math.isfinite(one)]
    return tuple(numbers) if len(numbers) == 2 else None


def nearest(place: float, count: int) -> int:
    """The one of `count` things, drawn at 0, 1, 2, ..., that is nearest to a place."""
    return min(max(round(place), 0), count - 1)


def below(
    key: str,
    table: Callable[[], pd.DataFrame],
    caption: str = "",
    formats: Sequence[str] = ("png", "svg"),
    *,
    large: bool = False,
) -> None:
    """The line under a picture: what it shows, and its numbers.

    `key` is the picture's, `formats` what it can be saved as: a canvas has no lines to make an "svg" of.
    A `large` sentence is as large as the page's own text.
    """
    with st.container(key=f"{key}_below"):
        tools(key, table, formats)  # first: the sentence flows around it
        if caption:
            (st.markdown if large else st.caption)(caption)
