"""Prompt, layer, head and token: set by a click, kept by the URL, on every page."""

from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, expect

from tests.browser.conftest import App, go_to, open_page, settled


def parameters(page: Page) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(urlsplit(page.url).query).items()}


def write_prompt(page: Page, text: str) -> None:
    area = page.get_by_label("Prompt", exact=True)
    area.fill(text)
    area.press("Control+Enter")
    settled(page)


def pick_head(page: Page, row_share: float, column_share: float) -> None:
    """Click into the grid of all heads."""
    canvas = page.locator("canvas").nth(1)
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    page.mouse.click(box["x"] + box["width"] * column_share, box["y"] + box["height"] * row_share)
    page.wait_for_url("**head=**")
    settled(page)


def test_a_click_in_the_grid_moves_every_page(app: App, page: Page):
    open_page(page, app.url("attention"))
    pick_head(page, 0.95, 0.95)
    there = parameters(page)
    assert int(there["layer"]) > 0
    assert int(there["head"]) > 0
    go_to(page, "Sampling")
    page.wait_for_url("**/sampling**")
    settled(page)
    assert parameters(page) == there
    expect(page.get_by_role("slider", name="Layer")).to_have_value(there["layer"])


def test_back_and_reload_keep_the_state(app: App, page: Page):
    open_page(page, app.url("attention?layer=1&head=2&token=5"))
    go_to(page, "Tokenizer")
    page.wait_for_url("**/tokenizer**")
    settled(page)
    page.go_back()
    page.wait_for_url("**/attention**")
    settled(page)
    expect(page.get_by_role("slider", name="Head")).to_have_value("2")
    page.reload()
    settled(page)
    assert parameters(page) == {"layer": "1", "head": "2", "token": "5"}


def test_a_link_reopens_what_the_teacher_saw_in_a_fresh_browser(app: App, page: Page, chromium):
    open_page(page, app.url("attention"))
    write_prompt(page, "Größe & 100 % <b>日本</b> 👩‍👩‍👧 + queen")
    go_to(page, "Tokenizer")
    page.wait_for_url("**/tokenizer**")
    settled(page)
    fresh = chromium.new_context().new_page()
    open_page(fresh, page.url)
    expect(fresh.get_by_label("Prompt", exact=True)).to_have_value("Größe & 100 % <b>日本</b> 👩‍👩‍👧 + queen")
    fresh.context.close()


def test_a_long_prompt_stays_in_the_session_and_a_short_one_returns_to_the_url(app: App, page: Page):
    open_page(page, app.url("tokenizer"))
    write_prompt(page, "The king was long. " * 500)
    assert "prompt" not in parameters(page)
    go_to(page, "Attention")
    page.wait_for_url("**/attention**")
    settled(page)
    expect(page.get_by_label("Prompt", exact=True)).to_have_value("The king was long. " * 500)
    write_prompt(page, "Short again")
    page.wait_for_url("**prompt=Short+again**")
