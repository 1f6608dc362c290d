"""The address holds all that a page shows, for a fresh browser too; Back leads back, in one press a page."""

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import App, go_to, open_page, settled


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
