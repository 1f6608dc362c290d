"""Rows 6, 11, 44, 59, 81: right-to-left text, scripts and addresses, another language, large type."""

from dataclasses import replace
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, expect

from runs import open_store
from tests.browser.conftest import App, open_page, settled
from tests.browser.own_run import person_at
from tests.browser.test_linked_state import write_prompt
from tests.conftest import slow
from tests.runs.tiny import RECIPE, wait_for_state, with_train

HARM = '<img src=x onerror="window.harmed=1"><script>window.harmed=2</script>$x^2$ **b** :material/home:'
EVERYWHERE = """() => {
  const within = (node) => [...node.querySelectorAll("*")].flatMap(
    (one) => one.shadowRoot ? [one, ...within(one.shadowRoot)] : [one])
  const harmful = (one) => one.matches('img[src="x"], [onerror]')
    || (one.tagName === "SCRIPT" && one.textContent.includes("harmed"))
  return within(document).filter(harmful).length
}"""
CHIPS = """() => {
  const within = (node) => [...node.querySelectorAll("*")].flatMap(
    (one) => one.shadowRoot ? [one, ...within(one.shadowRoot)] : [one])
  return within(document).filter((one) => one.matches(".chips .chip")).map((one) => {
    const box = one.getBoundingClientRect()
    return { left: box.left, top: box.top, dir: one.dir, tag: one.tagName, text: one.textContent }
  })
}"""
WIDER = """() => {
  const main = document.querySelector('[data-testid="stMain"]')
  return main.scrollWidth - main.clientWidth
}"""


def test_44_nonsense_in_the_url_falls_back_to_the_defaults(app: App, page: Page):
    open_page(page, app.url("attention?layer=99&head=-1&token=NaN&model=../../etc&step=1;DROP&layer=2"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Where does each token look?")
    assert page.locator('[data-testid="stException"]').count() == 0
    expect(page.get_by_role("slider", name="Token")).to_have_value("7")


def test_6_text_from_right_to_left_moves_no_chip(app: App, page: Page):
    """Overrides and Hebrew stay within their own token: the chips stand in the order of the tokens."""
    open_page(page, app.url("tokenizer"))
    write_prompt(page, "one \u202eshalom\u202c שלום עולם two")
    expect(page.locator(".chips .chip").last).to_have_text("·two")
    chips = page.evaluate(CHIPS)
    assert len(chips) > 6
    places = [(chip["top"], chip["left"]) for chip in chips]
    assert places == sorted(places)
    assert {(chip["tag"], chip["dir"]) for chip in chips} == {("BDI", "auto")}


@pytest.mark.parametrize("path", ["sampling", *slow("tokenizer", "attention", "logits", "windows")])
def test_11_a_script_in_the_prompt_is_only_text(app: App, page: Page, path: str):
    dialogs = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message) or dialog.dismiss())
    open_page(page, app.url(path))
    write_prompt(page, f"the king {HARM}")
    hover_all(page)
    assert_harmless(page)
    assert dialogs == []


def hover_all(page: Page) -> None:
    """Over each plot and component: their labels are made on the way."""
    for picture in page.locator(".js-plotly-plot, .chips .chip, canvas").all()[:12]:
        if picture.is_visible() and (box := picture.bounding_box()):
            for share in (0.25, 0.5, 0.75):
                page.mouse.move(box["x"] + box["width"] * share, box["y"] + box["height"] * share)
            page.wait_for_timeout(60)


def assert_harmless(page: Page) -> None:
    assert page.evaluate("window.harmed") is None
    assert page.evaluate(EVERYWHERE) == 0


def test_11_and_43_a_script_in_a_run_s_name_is_only_text(app: App, page: Page):
    """In the list, in the picker, and in the figure that lays two runs over each other."""
    open_page(page, app.url("runs"))
    owner = person_at(page)
    store = open_store(app.log.parent, start_dispatcher=False)
    store.start_dispatcher = True
    short = with_train(RECIPE, steps=20)
    ids = [store.start(replace(short, seed=1100 + number), owner) for number in range(2)]
    for run_id in ids:
        wait_for_state(store, run_id, "done")
        store.shelf(owner).rename(run_id, HARM)
    for path in ("runs", f"pretraining?model={ids[0]}&compare={ids[1]}"):
        open_page(page, app.url(path))
        hover_all(page)
        expect(page.get_by_text("<img src=x").first).to_be_attached()
        assert_harmless(page)


def numbers_of(page: Page) -> str:
    """What the page says, without what a language or a width changes."""
    return page.get_by_test_id("stMain").inner_text()


@pytest.mark.parametrize("path", ["anatomy", *slow("attention")])
def test_59_another_locale_and_dark_show_the_same_numbers(app: App, chromium: Browser, path: str):
    said = []
    for locale, scheme in (("en-US", "light"), ("de-DE", "dark")):
        context = chromium.new_context(
            viewport={"width": 1440, "height": 900}, locale=locale, color_scheme=scheme
        )
        there = context.new_page()
        open_page(there, app.url(path))
        settled(there)
        said.append(numbers_of(there))
        context.close()
    assert said[0] == said[1]


@pytest.mark.parametrize("path", ["anatomy", *slow("", "tokenizer", "attention", "pretraining")])
def test_59_at_twice_the_size_nothing_overflows(app: App, chromium: Browser, path: str):
    """200 % of 1440 x 900 is half the room, at twice the dots."""
    context = chromium.new_context(viewport={"width": 720, "height": 450}, device_scale_factor=2)
    there = context.new_page()
    open_page(there, app.url(path))
    assert there.evaluate(WIDER) <= 1
    assert there.locator('[data-testid="stException"]').count() == 0
    context.close()


def test_81_the_browser_makes_no_link_of_an_address(app: App, page: Page):
    """It looks for them in escaped text, too."""
    prompt = "Once https://evil.example/x and www.evil.example or me@evil.example"
    open_page(page, app.url(f"sampling?{urlencode({'prompt': prompt})}"))
    shown = page.get_by_test_id("stMarkdownContainer").filter(has_text="evil.example")
    expect(shown.first).to_be_visible()
    assert page.locator("a[href*='evil']").count() == 0
