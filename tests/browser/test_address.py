"""The address holds all that a page shows, for a fresh browser too; Back leads back, in one press a page."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import App, go_to, open_page, settled
from tests.browser.controls import Control, controls_of, moves
from tests.browser.pictures import as_before, different, look, moved_in_address
from tests.browser.screens import PATHS
from tests.browser.test_each_page import ADDRESS, ELSEWHERE, WORDS
from tests.browser.test_tries import READ

KEPT = ("slider", "switch", "choice", "list", "several", "number", "text")


def test_a_page_s_own_controls_are_in_the_address(app: App, page: Page, chromium: Browser):
    open_page(page, app.url("attention?layer=1"))
    page.get_by_text("Causal mask").click()
    page.wait_for_url("**attention_causal=false**")
    settled(page)
    fresh = chromium.new_context().new_page()
    open_page(fresh, page.url)
    expect(fresh.get_by_role("switch", name="Causal mask")).not_to_be_checked()
    expect(fresh.get_by_role("slider", name="Layer")).to_have_value("1")
    fresh.context.close()


def test_back_leads_to_the_page_before_with_its_controls(app: App, page: Page):
    open_page(page, app.url("attention"))
    page.get_by_text("Causal mask").click()
    page.wait_for_url("**attention_causal=false**")
    settled(page)
    go_to(page, "Windows")
    page.wait_for_url("**/windows**")
    settled(page)
    assert "attention_causal" not in page.url
    page.wait_for_timeout(2500)
    page.get_by_role("slider", name="Stride").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**windows_stride=5**")
    settled(page)
    go_to(page, "Logits")
    page.wait_for_url("**/logits**")
    settled(page)
    page.go_back()
    page.wait_for_url("**/windows?**windows_stride=5**")
    settled(page)
    expect(page.get_by_role("slider", name="Stride")).to_have_value("5")


def test_the_controls_of_a_page_are_kept_when_one_comes_back_by_the_menu(app: App, page: Page):
    open_page(page, app.url("attention"))
    page.get_by_text("Causal mask").click()
    page.wait_for_url("**attention_causal=false**")
    settled(page)
    go_to(page, "Logits")
    page.wait_for_url("**/logits**")
    settled(page)
    go_to(page, "Attention")
    page.wait_for_url("**attention_causal=false**")
    settled(page)
    expect(page.get_by_role("switch", name="Causal mask")).not_to_be_checked()
    page.go_back()
    page.wait_for_url("**/logits**")


@pytest.mark.slow
@pytest.mark.parametrize("path", PATHS)
def test_an_address_is_a_whole_page_and_back_leads_to_it(app: App, page: Page, chromium: Browser, path: str):
    open_page(page, app.url(path))
    look(page)
    view = f"{path}_view"
    moved = [key for key in keys_of(page) if key != view and move(page, key)]
    assert_restored(page, chromium)
    if view in keys_of(page):
        assert move(page, view)
        assert_restored(page, chromium)
    address, before = page.url, look(page)
    controls = {key: said(page, key) for key in keys_of(page)}
    go_to(page, "Home" if path else "Tokenizer")
    page.wait_for_url("**/tokenizer**" if not path else app.url("*"))
    look(page)
    page.go_back()
    page.wait_for_url(address)
    assert as_before(page, before), f"{moved}: {different(page, before)}"
    assert {key: said(page, key) for key in keys_of(page)} == controls


def kept_here(page: Page) -> list[Control]:
    """The controls that are seen and that the address holds."""
    return [
        one for one in controls_of(page) if one.usable and one.kind in KEPT and one.key not in {*ELSEWHERE}
    ]


def keys_of(page: Page) -> list[str]:
    """Their keys, in the order in which they stand; the page's view first."""
    return sorted((one.key for one in kept_here(page)), key=lambda key: not key.endswith("_view"))


def move(page: Page, key: str) -> bool:
    """Set one to another value, if it is still there and has one, and wait until the address has it."""
    control = next((one for one in kept_here(page) if one.key == key), None)
    first = next(moves(page, control, WORDS), None) if control else None
    if first is None:
        return False
    address = page.url
    first.do()
    if control.kind == "several":
        page.keyboard.press("Escape")  # its list stays open, and hides the rest of the page from roles
    assert moved_in_address(page, address, ADDRESS.get(key, key)), f"{key} is not in the address"
    look(page)
    return True


def said(page: Page, key: str) -> str:
    """What a control says, in a form that can be compared."""
    return page.evaluate(f"key => JSON.stringify(({READ})(key))", key)


def assert_restored(page: Page, chromium: Browser) -> None:
    """A browser that has never been here shows the same controls and the same pictures."""
    fresh = chromium.new_context(viewport={"width": 1440, "height": 900}).new_page()
    open_page(fresh, page.url)
    before = look(page)
    assert as_before(fresh, before), f"{page.url}: {different(fresh, before)}"
    keys = keys_of(page)
    assert {key: said(fresh, key) for key in keys} == {key: said(page, key) for key in keys}
    fresh.context.close()
