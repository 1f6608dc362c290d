"""An experiment from the press to the lesson: both curves and both samples side by side."""

import re

from playwright.sync_api import Browser, Page, expect

from runs.presets import EXPERIMENTS
from tests.browser.conftest import App, open_page, settled

MASK = EXPERIMENTS["mask_off"]
PATIENCE = 180_000  # both runs, one after the other, on a machine that does other things too


def press_experiment(page: Page, app: App) -> None:
    open_page(page, app.url("pretraining"))
    expect(page.get_by_text(MASK.question)).to_be_visible()
    page.get_by_role("button", name="Train both, compare").click()
    page.wait_for_url(re.compile(r"model=[0-9a-f]{32}.*compare=[0-9a-f]{32}"))


def ids(page: Page) -> list[str]:
    return re.findall(r"[0-9a-f]{32}", page.url)


def curve_names(page: Page) -> list[str]:
    """What the lines of the picture are called that have any point."""
    script = """() => [...document.querySelectorAll('.js-plotly-plot')].flatMap(plot => plot._fullData)
        .filter(trace => trace.mode === 'lines+markers' && trace._length > 1).map(trace => trace.name)"""
    return page.evaluate(script)


def test_the_mask_off_experiment_shows_both_curves_and_both_samples(app: App, page: Page, chromium: Browser):
    press_experiment(page, app)
    settled(page)
    mine = ids(page)
    expect(page.get_by_text(MASK.notice)).to_be_visible()
    expect(page.get_by_text("Done: 400 steps.")).to_have_count(
        3, timeout=PATIENCE
    )  # the run, and both samples
    page.wait_for_timeout(1500)
    assert {"with mask: validation loss", "no mask: validation loss"} <= set(curve_names(page))
    found = page.get_by_text(re.compile(r"^training [\d.]+, validation [\d.]+ nats$")).all_inner_texts()
    cheat, honest = (float(re.search(r"validation ([\d.]+)", text)[1]) for text in found)
    assert cheat < 0.3 < 1 < honest  # a low loss is not enough
    samples = page.get_by_text(re.compile("^It was lovely")).all_inner_texts()
    assert len(set(samples)) == 2

    context = chromium.new_context(viewport={"width": 390, "height": 844})
    other = context.new_page()  # another person, on a phone: the same press, the same runs, at once
    press_experiment(other, app)
    assert ids(other) == mine
    expect(other.get_by_text("Done: 400 steps.").first).to_be_visible()
    context.close()


def test_the_picker_lays_runs_over_and_takes_them_away(app: App, page: Page):
    press_experiment(page, app)
    settled(page)
    picker = page.get_by_test_id("stMultiSelect")
    picker.get_by_test_id("stMultiSelectClearAllButton").or_(picker.get_by_label("Clear all")).first.click()
    page.wait_for_url(lambda url: "compare=" not in url)
    settled(page)
    expect(page.get_by_text(MASK.notice)).to_have_count(0)
    picker.get_by_role("combobox").click()
    page.get_by_role("option").first.click()
    page.wait_for_url(re.compile("compare=[0-9a-f]{32}"))
    expect(page.get_by_text(MASK.notice)).to_be_visible()
