"""A figure on a page: drawn in this person's theme, with a sentence about it, and its numbers below."""

from collections.abc import Callable, Sequence

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from views import theme
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
) -> None:
    """Show a figure, with a sentence that says what is to be seen, for screen readers and the back row.

    Below it stand its numbers as a table, and ways to take it away; `table` where what is drawn are shapes,
    and not the numbers themselves.
    """
    st.plotly_chart(drawn, key=key, alt=alt, theme=None, config=PLOTLY)
    below(key, table or (lambda: table_of(drawn)), caption)


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
