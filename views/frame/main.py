"""What Streamlit runs at each visit: configuration, the road, the linked state, and the page itself."""

from pathlib import Path

import streamlit as st

from views import components, present, state, step_in, you_are_here
from views.road import ROAD
from views.turns import TURNS

ROOT = Path(__file__).parents[2]  # a page is found wherever the server was started from

st.set_page_config(
    page_title="Glassbox",
    page_icon=str(ROOT / "assets/icon.svg"),
    layout="wide",
    menu_items={"About": "Glassbox: build a GPT, look inside it, train it, and talk to it."},
)
with TURNS:
    st.html(ROOT / "assets/style.css")
    page = st.navigation(
        {
            part: [
                st.Page(ROOT / s.file, title=s.title, icon=s.icon, url_path=s.path, default=s.path == "")
                for s in stations
            ]
            for part, stations in ROAD.items()
        },
        position="top",  # so that all of the linked state stands beside the picture
    )
    components.history()
    state.sidebar()
    step_in.sidebar()
    present.sidebar()
    present.style()
    present.bar(page.url_path)
    you_are_here.show(page.url_path)
    page.run()
