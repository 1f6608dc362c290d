"""Beside each picture: its numbers as a table, and the picture itself to take away."""

from collections.abc import Callable, Sequence

import pandas as pd
import streamlit as st

from views.components.save import save_buttons

ROW = 35  # pixels of one row of a table


@st.fragment
def tools(key: str, table: Callable[[], pd.DataFrame], formats: Sequence[str] = ("png", "svg")) -> None:
    """A small menu for the picture of this key. Nothing in it is computed before it is opened.

    It is a fragment: opening it does not run the page again. `formats` are what the picture can be saved as.
    """
    menu = st.popover(
        "Numbers", icon=":material/table:", type="tertiary", key=f"{key}_tools", on_change="rerun"
    )  # without a help text: its tooltip would cost a browser more than all the rest
    if menu.open:
        with menu:
            contents(key, table(), formats)


def contents(key: str, numbers: pd.DataFrame, formats: Sequence[str]) -> None:
    """The table, and the buttons below it."""
    st.dataframe(numbers, hide_index=True, height=min(9, len(numbers) + 1) * ROW + 3)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.download_button(
            "CSV",
            numbers.to_csv(index=False).encode("utf-8-sig"),  # with the mark by which spreadsheets know UTF-8
            f"{key}.csv",
            "text/csv",
            key=f"{key}_csv",
            on_click="ignore",
        )
        if formats:
            save_buttons(key, formats, key=f"{key}_save")
