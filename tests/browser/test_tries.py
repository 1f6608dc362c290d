"""Each *Try* button sets the controls that its lesson names, and says what to watch."""

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import App, open_page
from tests.browser.own_run import train_one
from tests.browser.pictures import AT_REST, OFTEN, PATIENCE
from tests.browser.screens import PATHS
from tests.pages import conftest as without_browser
from views.lessons import Try, lesson, read_value
from views.road import ROAD
from views.run_list import ORDERS, WHOSE

READ = """key => {
    const place = document.querySelector(`.st-key-${CSS.escape(key)}`)
    const field = place?.querySelector("input, textarea"), buttons = place?.querySelectorAll("button")
    if (!place) return null
    if (place.querySelector("[role=radiogroup], [role=toolbar]"))
        return [...buttons].filter(one => one.dataset.selected).map(one => one.textContent)
    if (field.type === "checkbox") return field.checked
    return field.type === "range" ? field.getAttribute("aria-valuetext") : field.value
}"""
LISTED = {"runs_whose": WHOSE, "runs_order": ORDERS}  # they are there with a run only
TOKENS = "sampling_written"  # is no control: so many tokens are written


@pytest.mark.slow
@pytest.mark.parametrize("path", PATHS)
def test_each_try_sets_what_it_says(app: App, page: Page, path: str):
    if path == "runs":  # without one there is nothing to try
        train_one(app, page)
    open_page(page, app.url(path))
    tries = lesson(path or "home").tries
    buttons = page.locator('[class*="_try_"]').get_by_role("button")
    expect(buttons).to_have_count(len(tries))
    assert tries
    for number, one in enumerate(tries):
        buttons.nth(number).click()
        expect(page.get_by_text(plain(one.watch)).first).to_be_visible()
        assert wrong(page, path, one) == {}, f"{path}: {one.label}"


def plain(watch: str) -> str:
    """The longest part of a sentence that has no marks of markdown."""
    return max(re.split(r"[*_`\\<>|$:]", watch), key=len).strip()


def wrong(page: Page, path: str, one: Try) -> dict[str, object]:
    """What the controls say that do not say what the button set them to, after a long time."""
    wanted = {key: read_value(text) for key, text in one.sets.items()}
    page.wait_for_function(AT_REST, polling=OFTEN, timeout=PATIENCE)
    labels: dict[str, object] = {}
    end = time.monotonic() + PATIENCE / 1000
    while found := {key for key, value in wanted.items() if not says(page, key, labels.get(key, value))}:
        if labels and time.monotonic() > end:
            break
        labels = labels or labels_of(path, wanted)
        page.wait_for_timeout(OFTEN)
    return {key: said(page, key) for key in found}


def said(page: Page, key: str) -> object:
    """What a control says; None if there is none."""
    if key == TOKENS:
        return page.url.partition("path=")[2].partition("&")[0].count(".") + 1
    return page.evaluate(READ, key)


def says(page: Page, key: str, value: object) -> bool:
    """Whether a control says a value as such."""
    now = said(page, key)
    if isinstance(value, bool) or now is None:
        return now is value
    if isinstance(value, int | float):
        return float(re.sub(r"[^\d.e+-]", "", str(now)) or "nan") == value
    return now in (value, [value])


def labels_of(path: str, wanted: dict[str, object]) -> dict[str, object]:
    """What choices and lists that are set so are labelled with, as the app says without a browser."""
    file = next(one.file for part in ROAD.values() for one in part if one.path == path)
    page = without_browser.open_page(file, **{key: value for key, value in wanted.items() if key != TOKENS})
    choices = {one.key: one.formatted_values for one in page.get("button_group")}
    lists = {one.key: one.options[one.index] for one in page.selectbox}
    of_runs = {key: LISTED[key][value] for key, value in wanted.items() if key in LISTED}
    return wanted | of_runs | {key: value for key, value in (choices | lists).items() if key in wanted}
