"""A run from the click to the pages that look into its model."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import App, open_page, settled


def start_small_run(page: Page, app: App) -> str:
    """Train the smallest model on a page of text; returns the run's address."""
    open_page(page, app.url("pretraining"))
    page.get_by_role("button", name="A quick run").click()
    settled(page)
    page.get_by_role("button", name="Start training").click()
    page.wait_for_url(re.compile(r"model=[0-9a-f]{32}"))
    return page.url


def test_a_run_trains_live_and_is_then_looked_into_everywhere(app: App, page: Page, chromium):
    address = start_small_run(page, app)
    expect(page.get_by_text(re.compile(r"Training: step|Done:"))).to_be_visible()
    expect(page.get_by_text("Done: 200 steps.")).to_be_visible(timeout=90_000)
    page.reload()
    settled(page)
    expect(page.get_by_text("Done: 200 steps.")).to_be_visible()
    for title in ("Attention", "Sampling", "Embeddings"):
        page.get_by_role("link", name=title).first.click()
        page.wait_for_url(f"**/{title.lower()}**")
        settled(page)
        assert page.get_by_text("Glassbox made a mistake").count() == 0
        expect(page.get_by_role("combobox", name="Model")).to_have_value(re.compile("My run [0-9a-f]{4}"))
    step = page.get_by_role("slider", name="Checkpoint")
    expect(step).to_be_visible()

    other = chromium.new_context().new_page()  # another browser, with the link alone
    open_page(other, address)
    expect(other.get_by_text("Done: 200 steps.")).to_be_visible()
    other.context.close()


def test_a_run_can_be_paused_and_stopped(app: App, page: Page):
    open_page(page, app.url("pretraining"))
    page.get_by_role("slider", name="Steps").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.get_by_role("button", name="Start training").click()
    expect(page.get_by_text("Training: step")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Paused at step")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("Training: step")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped at step")).to_be_visible(timeout=30_000)


def upload(page: Page, raw: bytes) -> None:
    file = {"name": "mine.txt", "mimeType": "text/plain", "buffer": raw}
    page.locator('input[type="file"]').set_input_files(file)
    settled(page)


def test_an_uploaded_text_is_read_and_a_refused_one_loses_nothing(app: App, page: Page):
    open_page(page, app.url("pretraining"))
    page.get_by_role("combobox", name="Text").click()
    page.get_by_role("option", name="My own text").click()
    settled(page)
    upload(page, "Größe und Güte. ".encode("utf-16"))
    area = page.get_by_label("Text to learn from")
    expect(area).to_have_value("Größe und Güte. ")
    upload(page, b"\x7fELF\x00\x01\x02")
    expect(page.get_by_text("binary data")).to_be_visible()
    expect(area).to_have_value("Größe und Güte. ")
