"""What every page must show on any screen: a picture, no error, nothing for axe, nothing too wide."""

import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import settled
from views.road import ROAD

PATHS = [station.path for stations in ROAD.values() for station in stations]
PICTURES = "canvas, .js-plotly-plot, .chips, .road, .names, .track, .sequence"
HEAD, ENOUGH = 40, 300  # pixels: of the page's head, and of a tall picture that has to be in sight
FIRST_PICTURE = """() => {
  const main = document.querySelector('[data-testid="stMain"]'), box = (node) => node.getBoundingClientRect()
  const above = (one, other) => box(one).top - box(other).top
  const inside = (one) => (one.shadowRoot ? [one, ...within(one.shadowRoot)] : [one])
  const within = (node) => [...node.querySelectorAll("*")].flatMap(inside)
  const all = within(main).filter((one) => box(one).height > 0)
  const drawn = all.filter((one) => one.matches(".js-plotly-plot, .gb:not(.emblem, .save)"))
  const picture = drawn.filter((one) => box(one).height > 40).sort(above)[0]
  const { top, height } = box(picture)
  const controls = all.filter((one) => one.matches("input, button, [role=combobox]"))
  const nearest = controls.filter((one) => box(one).bottom <= top + 4).sort(above).at(-1)
  return { top, height, control: nearest ? box(nearest).top : top }
}"""
WIDER = """() => {
    const main = document.querySelector('[data-testid="stMain"]')
    return main.scrollWidth - main.clientWidth
}"""
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


def watch(page: Page) -> list[str]:
    """Everything that the browser asks of anyone but our server, and every script error."""
    seen: list[str] = []
    page.on("request", lambda r: re.match(r"(https?|wss?)://(?!localhost)", r.url) and seen.append(r.url))
    page.on("pageerror", lambda error: seen.append(str(error)))
    return seen


def assert_shown(page: Page) -> None:
    expect(page.locator(PICTURES).first).to_be_visible()
    assert page.locator('[data-testid="stException"]').count() == 0
    assert "Traceback" not in page.content()
    assert page.get_by_role("dialog").count() == 0  # Streamlit's "page not found"
    assert page.get_by_text("Glassbox made a mistake").count() == 0


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


def found_in_both_themes(page, view: str) -> dict[str, list[str]]:
    """What is wrong with the view that is open, by its name."""
    at_rest(page)
    found = {view: violations(page)}
    page.emulate_media(color_scheme="dark")  # Streamlit follows at once; nothing but colours changes
    at_rest(page)
    found[f"{view}, dark"] = violations(page, ("color-contrast",))
    page.emulate_media(color_scheme="light")
    return {name: wrong for name, wrong in found.items() if wrong}


def assert_picture_and_control_share_the_screen(page: Page, height: int = 512) -> None:
    """The first picture and the control above it are in sight together, if a screen can hold both."""
    found = page.evaluate(FIRST_PICTURE)
    in_sight = height - HEAD - (found["top"] - found["control"])  # with the control at the top
    assert in_sight >= min(found["height"], ENOUGH), found
