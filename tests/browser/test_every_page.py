"""Each page by deep link, on a server that is new to everybody; light and dark, large and small."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import App, open_page
from tests.browser.screens import (
    PATHS,
    WIDER,
    assert_picture_and_control_share_the_screen,
    assert_shown,
    at_rest,
    found_in_both_themes,
    watch,
)


def test_the_first_request_after_a_start_may_be_a_deep_link(tmp_path, page: Page):
    app = App(tmp_path)
    try:
        open_page(page, app.url("attention?layer=1"))
        assert_shown(page)
        expect(page.get_by_label("Prompt", exact=True)).to_be_visible()
    finally:
        app.stop()


@pytest.mark.parametrize("path", PATHS)
def test_a_page_is_whole_on_every_screen(app: App, page: Page, path: str):
    """One visit: no error, no foreign request, nothing for axe; then dark, a projector, a phone."""
    seen = watch(page)
    open_page(page, app.url(path))
    assert_shown(page)
    assert not found_in_both_themes(page, path)
    assert_shown(page)
    page.set_viewport_size({"width": 683, "height": 512})  # a projector of 1024 x 768 at 150 %
    at_rest(page)
    assert_picture_and_control_share_the_screen(page)
    page.set_viewport_size({"width": 390, "height": 844})
    at_rest(page)
    assert page.evaluate(WIDER) <= 1
    assert seen == []


CUT = """stops => stops.flatMap(stop => {
    const box = node => node.getBoundingClientRect()
    const words = [...stop.querySelectorAll(".title, .number, .unit")]
    const out = one => one.scrollWidth > one.clientWidth + 1 || box(one).right > box(stop).right
    return words.filter(out).map(one => one.textContent)
})"""


@pytest.mark.parametrize("present", [False, True])
def test_no_number_of_the_whole_road_is_cut(app: App, page: Page, present: bool):
    open_page(page, app.url("?present=1" if present else ""))
    for width in (390, 1024, 1280, 1440):
        page.set_viewport_size({"width": width, "height": 768})
        at_rest(page)
        assert page.locator(".stop").count() > 8
        assert page.locator(".stop").evaluate_all(CUT) == [], width
