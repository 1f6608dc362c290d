"""The server: one ASGI app, started by `make run`, by `python app.py` and by `streamlit run app.py` alike."""

import os
import sys
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is loaded: a class shares the cores
if __name__ == "__main__":
    from views.frame.start import start

    sys.exit(start(__file__))  # Streamlit imports this file once more, after it has read its settings

import streamlit as st

from views.frame.lifespan import lifespan
from views.frame.routes import ROUTES
from views.frame.trouble import say_sorry

app = st.App(
    Path(__file__).parent / "views/frame/main.py",
    lifespan=lifespan,
    routes=ROUTES,
    on_script_error=say_sorry,
)
