"""Each page by deep link, on a server that has shown nobody anything before; light and dark."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import App, open_page
from views.road import ROAD

PATHS = [station.path for stations in ROAD.values() for station in stations]
PICTURES = "canvas, .js-plotly-plot, .chips, .road, .names, .track, .sequence"


def watch(page: Page) -> list[str]:
    """Everything that the browser asks of anyone but our server, and every script error."""
    seen: list[str] = []
    page.on("request", lambda r: re.match(r"(https?|wss?)://(?!localhost)", r.url) and seen.append(r.url))
    page.on("pageerror", lambda error: seen.append(str(error)))
    return seen


def assert_shown(page: Page) -> None:
    expect(page.locator(PICTURES).first).to_be_visible()
    assert page.locator('[data-testid="stException"]').count() == 0
    assert "Traceback" not in page.content()
    assert page.get_by_role("dialog").count() == 0  # Streamlit's "page not found"
    assert page.get_by_text("Glassbox made a mistake").count() == 0


def test_the_first_request_after_a_start_may_be_a_deep_link(tmp_path, page: Page):
    app = App(tmp_path)
    try:
        open_page(page, app.url("attention?layer=1"))
        assert_shown(page)
        expect(page.get_by_label("Prompt", exact=True)).to_be_visible()
    finally:
        app.stop()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PATHS)
def test_a_page_has_a_picture_and_no_error(app: App, chromium: Browser, path: str, scheme: str):
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    seen = watch(page)
    open_page(page, app.url(path))
    assert_shown(page)
    assert seen == []
    context.close()


@pytest.mark.parametrize("path", PATHS)
def test_a_phone_shows_the_page_without_scrolling_sideways(app: App, chromium: Browser, path: str):
    context = chromium.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    open_page(page, app.url(path))
    main = page.get_by_test_id("stMain")
    assert main.evaluate("element => element.scrollWidth - element.clientWidth") <= 1
    context.close()
