"""On every page, in its head: where on the road one is."""

import streamlit as st

from views.components.emblem import emblem
from views.road import ROAD, file_of

PAGES = {  # the page that each place of the drawing opens
    "text": "tokenizer",
    "tokens": "tokenizer",
    "windows": "windows",
    "embeddings": "embeddings",
    "attention": "attention",
    "norm": "layer_norm",
    "feedforward": "activations",
    "stream": "residuals",
    "logits": "logits",
    "next": "sampling",
    "training": "pretraining",
    "anatomy": "anatomy",
}
ALSO = {
    "interventions": {"block"},
    "runs": {"training"},
    "classification": {"training", "logits"},
    "instructions": {"training", "next"},
    "bring": {"embeddings", "block", "logits"},
}  # no own place
TITLES = {station.path: station.title for part in ROAD.values() for station in part}


def show(path: str) -> None:
    """The emblem in the page's head; a click opens the page of that part. Home is the drawing itself."""
    if not path:
        return
    here = ALSO.get(path, {place for place, page in PAGES.items() if page == path})
    wanted = emblem(PAGES, TITLES, here, key="emblem", label=f"The road. You are here: {TITLES[path]}.")
    if wanted is not None and wanted != path:
        st.switch_page(file_of(wanted), query_params={})
