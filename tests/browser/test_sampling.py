"""Walking through a text with the mouse and with the keyboard: forced, drawn, back in the tree, by itself."""

from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, expect

from tests.browser.conftest import App, open_page, settled


def path(page: Page) -> list[str]:
    found = parse_qs(urlsplit(page.url).query).get("path", [""])[0]
    return found.split(".") if found else []


def reach(page: Page, tokens: int) -> None:
    """Wait until the address holds so many tokens."""
    page.wait_for_function(
        """n => (new URL(location).searchParams.get("path") ?? "").split(".").filter(Boolean).length === n""",
        arg=tokens,
    )
    settled(page)


def test_a_click_forces_a_token_and_the_tree_leads_back(app: App, page: Page, chromium):
    open_page(page, app.url("sampling"))
    expect(page.locator(".node")).to_have_count(1)
    page.locator(".row").nth(2).click()
    reach(page, 1)
    page.get_by_role("button", name="10 more").click()
    reach(page, 11)
    expect(page.locator(".node")).to_have_count(12)
    page.locator(".node").nth(1).click()  # the forced token
    reach(page, 1)
    page.locator(".row").nth(4).click()
    reach(page, 2)
    expect(page.locator(".node")).to_have_count(13)
    expect(page.locator(".node.on")).to_have_count(3)
    fresh = chromium.new_context().new_page()
    open_page(fresh, page.url)
    expect(fresh.locator(".node.on")).to_have_count(3)
    assert path(fresh) == path(page)
    page.go_back()
    reach(page, 1)
    fresh.context.close()


def test_the_keyboard_forces_and_walks(app: App, page: Page):
    open_page(page, app.url("sampling"))
    page.locator(".row").first.focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".tip.on")).to_contain_text("logit")
    page.keyboard.press("Enter")
    reach(page, 1)
    page.locator(".node.here").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    page.wait_for_function("""() => !new URL(location).searchParams.get("path")""")
    settled(page)
    expect(page.locator(".node.here")).to_have_text("prompt")


def test_tokens_come_by_themselves_until_held(app: App, page: Page):
    open_page(page, app.url("sampling"))
    entries = page.evaluate("history.length")
    page.get_by_role("button", name="Auto").click()
    expect(page.locator(".node").nth(4)).to_be_attached()
    assert path(page) == []
    page.get_by_role("button", name="Hold").click()
    expect(page.get_by_role("button", name="Auto")).to_be_visible()
    page.wait_for_url("**path=**")
    settled(page)
    written = path(page)
    assert len(written) >= 4
    page.wait_for_timeout(1200)
    assert path(page) == written
    assert page.evaluate("history.length") <= entries + 1
