"""axe-core finds nothing on any page, light or dark; what Streamlit itself does is named, with the reason."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.conftest import App, open_page, settled
from views.road import ROAD

PATHS = [station.path for stations in ROAD.values() for station in stations]
NOT_OURS = {  # rule: what its element's HTML holds, and why it stays
    "region": {"data-floating-ui-portal": "Streamlit opens its menus at the end of the document"},
    "presentation-role-conflict": {
        "stFileUploaderDropzone": "Streamlit gives its drop zone a role and a label",
    },
    "scrollable-region-focusable": {
        'data-testid="stVerticalBlock"': "Streamlit's container of fixed height has no tabindex",
        "<pre class=": "nor have its code blocks; Chromium lets the keyboard scroll both all the same",
    },
}


def violations(page, rules: tuple[str, ...] = ()) -> list[str]:
    """What axe finds, by these rules or all, but for what is not ours: rule, element, and what to do."""
    found = []
    options = {"runOnly": {"type": "rule", "values": list(rules)}} if rules else None
    for one in Axe().run(page, options=options).response["violations"]:
        marks = NOT_OURS.get(one["id"], {})
        nodes = [node for node in one["nodes"] if not any(mark in node["html"] for mark in marks)]
        found += [f"{one['id']}: {node['html'][:200]} {node['failureSummary']}" for node in nodes]
    return found


def at_rest(page) -> None:
    """Wait until nothing is drawn any more: Streamlit pales what is about to be replaced."""
    settled(page)
    page.wait_for_function("""() => !document.querySelector('[data-stale="true"]')""")
    page.wait_for_timeout(600)


def views(page) -> list[str]:
    """What the page's own view control offers; one nameless view if it has none."""
    control = page.locator('[class*="_view"] [role="radio"]')
    return control.all_inner_texts() or [""]


def found_in_both_themes(page, view: str) -> dict[str, list[str]]:
    """What is wrong with the view that is open, by its name."""
    at_rest(page)
    found = {view: violations(page)}
    page.emulate_media(color_scheme="dark")  # Streamlit follows at once; nothing but colours changes
    at_rest(page)
    found[f"{view}, dark"] = violations(page, ("color-contrast",))
    page.emulate_media(color_scheme="light")
    return {name: wrong for name, wrong in found.items() if wrong}


@pytest.mark.parametrize("path", PATHS)
def test_axe_finds_nothing_on_a_page_as_it_opens(app: App, page: Page, path: str):
    open_page(page, app.url(path))
    assert not found_in_both_themes(page, path)


@pytest.mark.slow
@pytest.mark.parametrize("path", PATHS)
def test_axe_finds_nothing_in_the_other_views(app: App, page: Page, path: str):
    open_page(page, app.url(path))
    found = {}
    for view in views(page)[1:]:
        page.locator('[class*="_view"]').get_by_text(view, exact=True).first.click()
        found |= found_in_both_themes(page, view)
    assert not found


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_what_is_folded(app: App, chromium: Browser, scheme: str):
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    open_page(page, app.url("residuals?edits=h0.0"))
    for name in ("Predict first", "Easily misunderstood", "The code behind the picture"):
        page.locator("summary").filter(has_text=name).first.click()
        settled(page)
    page.get_by_test_id("stRadio").locator("label").last.click()
    at_rest(page)
    assert violations(page) == []
    page.get_by_role("button", name="Numbers").first.click()
    at_rest(page)
    assert violations(page) == []
    context.close()


def test_the_test_can_fail(context):
    page = context.new_page()
    page.set_content(
        '<main><h1>x</h1><img src="data:,"><p style="color:#999;background:#fff">pale</p></main>'
    )
    assert any("image-alt" in one for one in violations(page))
    assert any("color-contrast" in one for one in violations(page))
