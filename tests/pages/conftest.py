"""Pages run without a browser, in the app's own frame."""

from pathlib import Path
from uuid import uuid4

from streamlit.testing.v1 import AppTest

from views.road import ROAD

ROOT = Path(__file__).parents[2]
FILES = [station.file for stations in ROAD.values() for station in stations]
FRAME = """
import streamlit as st
from views import cache, present, state, step_in
cache.warm_up()
page = st.navigation([st.Page("{root}/" + file, default=file == "{wanted}") for file in {files!r}])
state.sidebar()
step_in.sidebar()
present.sidebar()
present.style()
page.run()
"""


def open_page(file: str, **state: object) -> AppTest:
    """A page with some of its state set, run once."""
    script = FRAME.format(root=ROOT, wanted=file, files=FILES)
    page = AppTest.from_string(script, default_timeout=60)
    for key, value in ({"owner": uuid4().hex} | state).items():  # else it would be a browser without a cookie
        page.session_state[key] = value
    return page.run()


def shown_text(page: AppTest) -> str:
    """All words that the page shows."""
    kinds = (
        page.title,
        page.header,
        page.markdown,
        page.caption,
        page.info,
        page.warning,
        page.error,
        page.text,
    )
    return "\n".join(element.value for elements in kinds for element in elements)
