"""The server: one ASGI app, started by `make run`, by `python app.py` and by `streamlit run app.py` alike."""

import os
import sys
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is loaded: a class shares the cores
if __name__ == "__main__":
    from views.frame.start import start

    sys.exit(start(__file__))  # Streamlit imports this file once more, after it has read its settings

import streamlit as st
from starlette.middleware import Middleware

from views.frame.access import Access
from views.frame.headers import Headers
from views.frame.identity import Identity
from views.frame.known_before import known_before
from views.frame.lifespan import lifespan
from views.frame.routes import ROUTES
from views.frame.trouble import say_sorry
from views.frame.uploads import Uploads

app = st.App(
    Path(__file__).parent / "views/frame/main.py",
    lifespan=lifespan,
    middleware=[
        Middleware(Headers),  # outermost: its headers stand on what the others answer, too
        Middleware(Access),
        Middleware(Identity, earlier=known_before),
        Middleware(Uploads),
    ],
    routes=ROUTES,
    on_script_error=say_sorry,
)
