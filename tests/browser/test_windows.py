"""The Windows page in a browser: hover chooses an example, a click into the text a window."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import App, open_page, settled


def test_hover_shows_the_example_and_a_click_moves_the_window(app: App, page: Page):
    open_page(page, app.url("windows"))
    expect(page.locator(".readout")).to_contain_text("Example 3 of 4")
    page.locator(".grid .asked").nth(0).hover()
    expect(page.locator(".readout")).to_contain_text("Example 1 of 4: given")
    expect(page.locator(".strip .piece.on")).to_have_text("·king")
    page.locator(".strip .piece").nth(5).click()
    settled(page)
    expect(page.get_by_role("slider", name="Window")).to_have_value("1")
    expect(page.locator(".grid .given").first).to_have_text("·daughter")
    expect(page.locator(".readout")).to_contain_text("Example 1 of 4")


def test_examples_by_keyboard(app: App, page: Page):
    open_page(page, app.url("windows"))
    page.locator(".pair").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".readout")).to_contain_text("Example 4 of 4")
    page.keyboard.press("Home")
    expect(page.locator(".readout")).to_contain_text("Example 1 of 4")
