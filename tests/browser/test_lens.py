"""A click in the logit lens sets layer and token, and what is read, for every page."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import App, go_to, open_page, settled
from tests.browser.test_linked_state import parameters


def cell(page: Page, row: int, column: int):
    return page.locator(f'.cell[data-row="{row}"][data-column="{column}"]')


def test_a_click_in_the_lens_moves_every_page(app: App, page: Page):
    open_page(page, app.url("logits"))
    expect(page.locator(".cell[aria-selected=true]")).to_have_attribute("data-column", "7")
    cell(page, 3, 5).click()
    page.wait_for_url("**token=5**")
    settled(page)
    assert parameters(page).items() >= {"layer": "2", "token": "5"}.items()
    expect(page.get_by_role("heading", name="Read after block 2")).to_be_visible()
    go_to(page, "Attention")
    page.wait_for_url("**/attention**")
    settled(page)
    expect(page.get_by_role("slider", name="Layer")).to_have_value("2")
    expect(page.get_by_role("slider", name="Token")).to_have_value("5")


def test_the_first_and_the_last_row_are_embedding_and_end(app: App, page: Page):
    open_page(page, app.url("logits"))
    cell(page, 0, 6).click()
    expect(page.get_by_role("heading", name="Read after the embedding")).to_be_visible()
    page.locator(".line:has(.cell[data-row])").last.locator(".cell").nth(6).click()
    expect(page.get_by_role("heading", name="Read after block 5")).to_be_visible()


def test_the_lens_is_read_with_the_keyboard_too(app: App, page: Page):
    open_page(page, app.url("logits?layer=2"))
    page.locator(".cell[aria-selected=true]").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".tip.on")).to_contain_text("block 4, having read")
    page.keyboard.press("Enter")
    page.wait_for_url("**token=8**")
    settled(page)
    assert parameters(page)["token"] == "8"
    expect(page.get_by_role("slider", name="Layer")).to_have_value("4")  # the default is not in the address
