"""axe-core finds nothing on any page, light or dark; what Streamlit itself does is named, with the reason."""

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import App, open_page, settled
from tests.browser.screens import PATHS, at_rest, found_in_both_themes, violations


def views(page) -> list[str]:
    """What the page's own view control offers; one nameless view if it has none."""
    control = page.locator('[class*="_view"] [role="radio"]')
    return control.all_inner_texts() or [""]


@pytest.mark.slow
@pytest.mark.parametrize("path", PATHS)
def test_axe_finds_nothing_in_the_other_views(app: App, page: Page, path: str):
    open_page(page, app.url(path))
    found = {}
    for view in views(page)[1:]:
        page.locator('[class*="_view"]').get_by_text(view, exact=True).first.click()
        found |= found_in_both_themes(page, view)
    assert not found


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_what_is_folded(app: App, chromium: Browser, scheme: str):
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    open_page(page, app.url("residuals?edits=h0.0"))
    for name in ("Predict first", "Easily misunderstood", "The code behind the picture"):
        page.locator("summary").filter(has_text=name).first.click()
        settled(page)
    page.get_by_test_id("stRadio").locator("label").last.click()
    at_rest(page)
    assert violations(page) == []
    page.get_by_role("button", name="Numbers").first.click()
    at_rest(page)
    assert violations(page) == []
    context.close()


def test_the_test_can_fail(context):
    page = context.new_page()
    page.set_content(
        '<main><h1>x</h1><img src="data:,"><p style="color:#999;background:#fff">pale</p></main>'
    )
    assert any("image-alt" in one for one in violations(page))
    assert any("color-contrast" in one for one in violations(page))
