"""A teacher shows the road by keyboard, leaves controls out, and the class opens the same by its link."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import App, open_page, settled


def test_presenting_walks_the_road_by_keyboard(app: App, page: Page):
    open_page(page, app.url("attention?layer=1&head=2"))
    page.get_by_role("button", name="Present").click()
    page.wait_for_url("**present=1**")
    settled(page)
    expect(page.get_by_test_id("stSidebar")).to_be_hidden()
    assert page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)") == 20
    page.keyboard.press("PageUp")
    page.wait_for_url("**/embeddings**")
    settled(page)
    page.keyboard.press("PageDown")
    page.wait_for_url("**/attention**")
    settled(page)
    assert "layer=1" in page.url
    assert "head=2" in page.url
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("stSidebar")).to_be_visible()
    assert "present" not in page.url


def test_the_ends_of_the_road(app: App, page: Page):
    open_page(page, app.url("?present=1"))
    expect(page.get_by_role("button", name="Back").first).to_be_disabled()
    expect(page.get_by_role("button", name="Next").first).to_be_enabled()


def test_controls_can_be_left_out(app: App, page: Page):
    open_page(page, app.url("attention?hide=attention_scaled,step,</style><script>"))
    expect(page.get_by_text("Causal mask")).to_be_visible()
    expect(page.get_by_text("Scale by √d")).to_be_hidden()


def test_the_link_is_shared_and_says_whom_it_reaches(app: App, page: Page):
    open_page(page, app.url("attention?layer=1&head=2"))
    page.get_by_role("button", name="Share").click()
    settled(page)
    shared = page.get_by_test_id("stPopoverBody")
    expect(shared.get_by_text(re.compile(r"/attention\?.*layer=1"))).to_be_visible()
    expect(shared.get_by_text("This address works on this computer only")).to_be_visible()
    open_page(page, shared.get_by_test_id("stCode").inner_text().strip())
    expect(page.get_by_role("slider", name="Head")).to_have_value("2")
