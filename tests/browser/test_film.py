"""The checkpoint slider plays a run's life, for each viewer by itself."""

import re
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from runs import open_store
from tests.browser.conftest import App, go_to, open_page, settled
from tests.runs.tiny import RECIPE, wait_for_state


@pytest.fixture(scope="module")
def run_id(app: App) -> str:
    store = open_store(app.log.parent)
    run_id = store.start(replace(RECIPE, seed=77), "a classmate")
    wait_for_state(store, run_id, "done")
    return run_id


def checkpoint(page: Page) -> str:
    return page.get_by_role("slider", name="Checkpoint").get_attribute("aria-valuetext")


def test_a_run_plays_from_its_first_checkpoint_to_its_last(app: App, page: Page, chromium, run_id: str):
    open_page(page, app.url(f"sampling?model={run_id}"))
    other = chromium.new_context().new_page()
    open_page(other, app.url(f"sampling?model={run_id}&step=8"))
    page.get_by_role("button", name="Play its life").click()
    seen: list[str] = []
    while "200" not in seen[1:]:
        now = checkpoint(page)
        if not seen or now != seen[-1]:
            seen.append(now)
        page.wait_for_timeout(50)
    steps = [int(step) for step in seen[seen.index("0") :]]
    assert steps == sorted(steps)
    assert len(steps) > 8
    expect(page.get_by_role("button", name="Play its life")).to_be_visible()
    assert checkpoint(other) == "8"
    other.context.close()


def test_holding_it_stays_there_on_every_page(app: App, page: Page, run_id: str):
    open_page(page, app.url(f"sampling?model={run_id}"))
    page.get_by_role("button", name="Play its life").click()
    page.get_by_role("button", name="Hold").click()
    page.wait_for_url(re.compile(r"step=\d+"))
    settled(page)
    held = checkpoint(page)
    assert int(held) < 200
    go_to(page, "Attention")
    page.wait_for_url("**/attention**")
    settled(page)
    assert checkpoint(page) == held
