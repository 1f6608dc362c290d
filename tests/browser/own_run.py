"""A run of the person in front of the browser, trained to its end."""

import itertools
from dataclasses import replace

from playwright.sync_api import Page

from runs import open_store
from tests.browser.conftest import App, open_page
from tests.runs.tiny import RECIPE, wait_for_state, with_train
from views.here import person_of

SEEDS = itertools.count(1)  # a run of one's own each time: who starts the same recipe again joins the first


def train_one(app: App, page: Page) -> str:
    """The id of the run; the browser has been on the page of runs, so that the app knows it."""
    open_page(page, app.url("runs"))
    cookie = next(c["value"] for c in page.context.cookies() if c["name"] == "_streamlit_xsrf")
    store = open_store(app.log.parent, start_dispatcher=False)  # the app has one
    mine = replace(with_train(RECIPE, steps=60), seed=next(SEEDS))
    run_id = store.start(mine, person_of(cookie))
    wait_for_state(store, run_id, "done")
    return run_id
