"""A run of the person in front of the browser, trained to its end."""

import itertools
import re
from dataclasses import replace

from playwright.sync_api import Page

from runs import open_store
from tests.browser.conftest import App, open_page
from tests.runs.tiny import RECIPE, wait_for_state, with_train
from views.frame.identity import owner_of

SEEDS = itertools.count(1)  # a run of one's own each time: who starts the same recipe again joins the first


def person_at(page: Page) -> str:
    """The owner of what is started in this browser, by the cookie that it was given."""
    named = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}
    (value,) = [value for name, value in named.items() if re.fullmatch("glassbox_[0-9a-f]{8}", name)]
    return owner_of(bytes.fromhex(value.split(".")[0]))


def train_one(app: App, page: Page) -> str:
    """The id of the run; the browser has been on the page of runs, so that the app knows it."""
    open_page(page, app.url("runs"))
    store = open_store(app.log.parent, start_dispatcher=False)  # the app has one
    mine = replace(with_train(RECIPE, steps=60), seed=next(SEEDS))
    run_id = store.start(mine, person_at(page))
    wait_for_state(store, run_id, "done")
    return run_id
