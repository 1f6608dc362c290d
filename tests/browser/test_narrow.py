"""On a phone no view of any page is wider than the screen, not only the one that a page opens with."""

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import App, open_page, settled
from tests.browser.screens import PATHS, WIDER


@pytest.mark.slow
@pytest.mark.parametrize("path", PATHS)
def test_a_phone_shows_every_view_without_scrolling_sideways(app: App, chromium: Browser, path: str):
    context = chromium.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    open_page(page, app.url(path))
    wider = {}
    for view in page.locator(f".st-key-{path}_view").get_by_role("radio").all():
        view.click()
        settled(page)
        page.wait_for_timeout(600)  # pictures come after the script's end
        if (by := page.evaluate(WIDER)) > 1:
            wider[view.inner_text()] = by
    assert wider == {}
    context.close()
