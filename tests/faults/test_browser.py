"""Rows 5, 6, 11, 44, 53, 54, 59: what only a browser, or who speaks like one, can try."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import App, open_page


def test_44_nonsense_in_the_url_falls_back_to_the_defaults(app: App, page: Page):
    open_page(page, app.url("attention?layer=99&head=-1&token=NaN&model=../../etc&step=1;DROP&layer=2"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Where does each token look?")
    assert page.locator('[data-testid="stException"]').count() == 0
    expect(page.get_by_role("slider", name="Token")).to_have_value("7")
