"""The frame of every page: configuration, warm-up, the road, the linked state, and the page itself."""

from pathlib import Path

import streamlit as st

from views import cache, components, present, state, step_in, ui, you_are_here
from views.road import ROAD
from views.turns import TURNS

st.set_page_config(
    page_title="Glassbox",
    page_icon="assets/icon.svg",
    layout="wide",
    menu_items={"About": "Glassbox: build a GPT, look inside it, train it, and talk to it."},
)
with TURNS:
    cache.warm_up()
    st.html(Path("assets/style.css"))
    page = st.navigation(
        {
            part: [
                st.Page(s.file, title=s.title, icon=s.icon, url_path=s.path, default=s.path == "")
                for s in stations
            ]
            for part, stations in ROAD.items()
        },
        position="top",  # so that all of the linked state stands beside the picture
    )
    try:
        components.history()
        state.sidebar()
        step_in.sidebar()
        present.sidebar()
        present.style()
        present.bar(page.url_path)
        you_are_here.show(page.url_path)
        page.run()
    except Exception as error:  # the last net: a person never sees a traceback
        ui.sorry(error)
