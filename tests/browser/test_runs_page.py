"""The list of runs in a browser: names, pins, delete and undo, downloads; and what another person sees."""

import csv
import io
import json
import re
import zipfile

import pytest
from playwright.sync_api import Browser, Download, Page, expect

from tests.browser.conftest import App, open_page, settled
from tests.browser.own_run import train_one

HOSTILE = "<b>bold</b> $x^2$ :material/home: **stars**"


def rows(page: Page):
    return page.locator(".row")


def row(page: Page, run_id: str):
    return page.locator(f'.row[data-id="{run_id}"]')


@pytest.fixture
def listed(app: App, page: Page) -> str:
    """The id of this person's own run, trained to its end, chosen in the list on the screen."""
    run_id = train_one(app, page)
    open_page(page, app.url(f"runs?model={run_id}"))
    expect(row(page, run_id)).to_have_attribute("aria-current", "true")
    return run_id


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()
    settled(page)


def rename(page: Page, name: str) -> None:
    page.get_by_role("button", name="Rename").click()
    page.get_by_role("textbox", name="Name").fill(name)
    press(page, "Save")
    page.keyboard.press("Escape")


def test_name_pin_delete_and_undo(page: Page, listed: str):
    rename(page, HOSTILE)
    expect(row(page, listed).locator(".name")).to_have_text(HOSTILE)
    expect(page.get_by_role("heading", name=HOSTILE)).to_be_visible()
    expect(page.get_by_role("combobox", name="Model")).to_have_value(re.compile("bold"))
    press(page, "Pin")
    expect(row(page, listed).get_by_text("pinned")).to_be_visible()
    press(page, "Unpin")
    expect(row(page, listed).get_by_text("pinned")).to_have_count(0)
    press(page, "Delete")
    expect(row(page, listed)).to_have_count(0)
    expect(page.get_by_text(f"{HOSTILE} is deleted.")).to_be_visible()
    press(page, "Undo")
    expect(row(page, listed)).to_be_visible()
    row(page, listed).click()
    settled(page)
    press(page, "Delete")
    page.reload()
    settled(page)
    expect(row(page, listed)).to_have_count(0)
    page.get_by_text("Recently deleted").click()
    press(page, "Restore")
    expect(row(page, listed)).to_be_visible()


def downloaded(page: Page, name: str) -> tuple[str, bytes]:
    button = page.get_by_role("button", name=name)
    if not button.is_visible():
        page.get_by_role("button", name="Download").click()
    with page.expect_download(timeout=60_000) as caught:
        button.click()
    file: Download = caught.value
    return file.suggested_filename, file.path().read_bytes()


def test_downloads_arrive_and_are_right(page: Page, listed: str):
    name, raw = downloaded(page, "Model (zip)")
    assert name == f"glassbox-{listed[:8]}-step-60.zip"
    files = zipfile.ZipFile(io.BytesIO(raw))
    assert {"model.safetensors", "recipe.json", "tokenizer.json"} <= set(files.namelist())
    assert json.loads(files.read("recipe.json"))["train"]["steps"] == 60

    name, raw = downloaded(page, "Curve and samples (CSV)")
    table = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    assert name.endswith(".csv")
    assert sum(line["kind"] == "train" for line in table) == 60
    assert float(table[-1]["step"]) >= 59

    name, raw = downloaded(page, "Training script (Python)")
    assert name.endswith(".py")
    compile(raw, name, "exec")


def test_the_class_sees_what_is_shared_and_nothing_else(app: App, page: Page, chromium: Browser, listed: str):
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    other = context.new_page()
    open_page(other, app.url("runs"))
    expect(row(other, listed)).to_have_count(0)
    rename(page, "for all of you")
    press(page, "Share with the class")
    expect(row(page, listed).get_by_text("class", exact=True)).to_be_visible()
    other.reload()
    settled(other)
    expect(row(other, listed).locator(".name")).to_have_text("for all of you")
    row(other, listed).click()
    settled(other)
    expect(other.get_by_role("button", name="Hide")).to_be_visible()
    expect(other.get_by_role("button", name="Share no longer")).to_have_count(0)
    press(page, "Share no longer")
    other.reload()
    settled(other)
    expect(row(other, listed)).to_have_count(0)
    context.close()


def test_a_chosen_run_opens_on_pretraining(page: Page, listed: str):
    press(page, "Open in Pretraining")
    page.wait_for_url(re.compile(f"/pretraining.*model={listed}"))
    expect(page.get_by_text("Done: 60 steps.").first).to_be_visible()
