"""A projector of 1024 x 768 at 150 %: the picture and the control above it are on the screen together."""

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import App, open_page
from views.road import ROAD

PATHS = [station.path for stations in ROAD.values() for station in stations]
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


@pytest.mark.parametrize("path", PATHS)
def test_the_picture_and_its_control_share_the_screen(app: App, chromium: Browser, path: str):
    context = chromium.new_context(viewport={"width": 683, "height": 512}, device_scale_factor=1.5)
    page = context.new_page()
    open_page(page, app.url(path))
    page.wait_for_timeout(600)  # pictures come after the script's end
    found = page.evaluate(FIRST_PICTURE)
    in_sight = 512 - HEAD - (found["top"] - found["control"])  # of the picture, with the control at the top
    assert in_sight >= min(found["height"], ENOUGH), found
    context.close()
