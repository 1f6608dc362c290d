"""A picture can be taken home as a file, and its numbers too."""

import io
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import App, open_page
from tests.pages import conftest as pages
from views.theme import DARK, LIGHT

FILES = {"attention": "pages/model/attention.py", "sampling": "pages/talking/sampling.py"}
SAVED = {  # picture -> its page, what it can be saved as, and how large it is at least, in pixels of its PNG
    "attention_next": ("attention", ("PNG", "SVG", "CSV"), (600, 400)),  # by plotly
    "attention_head": ("attention", ("PNG", "CSV"), (900, 900)),  # a canvas
    "attention_arcs": ("attention", ("PNG", "SVG", "CSV"), (700, 900)),  # lines between words
    "sampling_bars": ("sampling", ("PNG", "SVG", "CSV"), (900, 900)),  # boxes
}


@pytest.fixture(scope="module", params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def files(app: App, chromium: Browser, scheme: str, tmp_path_factory: pytest.TempPathFactory):
    """Every file of these pictures, saved by its button: picture -> kind -> path."""
    folder = tmp_path_factory.mktemp("saved")
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, color_scheme=scheme)
    page, found = context.new_page(), {}
    for key, (path, formats, _) in SAVED.items():
        if not page.url.endswith(path):
            open_page(page, app.url(path))
        found[key] = {one: saved(page, key, one, folder) for one in formats}
        page.keyboard.press("Escape")
    context.close()
    return found


def saved(page: Page, key: str, kind: str, folder: Path) -> Path:
    """Open the menu of a picture, if it is not open, and press one of its buttons."""
    button = page.get_by_role("button", name=kind, exact=True)
    if not button.count():
        page.locator(f".st-key-{key}_tools button:visible").first.click()
        expect(button).to_be_visible()
    with page.expect_download() as started:
        button.click()
    assert started.value.suggested_filename == f"{key}.{kind.lower()}"
    target = folder / started.value.suggested_filename
    started.value.save_as(target)
    return target


def ground(scheme: str) -> tuple[int, ...]:
    """The page's own ground, as three numbers."""
    written = (LIGHT if scheme == "light" else DARK).background.lstrip("#")
    return tuple(int(written[i : i + 2], 16) for i in (0, 2, 4))


@pytest.mark.parametrize("key", SAVED)
def test_a_png_is_as_large_as_the_picture_and_stands_on_the_ground_of_the_page(key, files, scheme):
    raw = files[key]["PNG"].read_bytes()
    assert raw.startswith(b"\x89PNG\r\n\x1a\n")
    picture = Image.open(io.BytesIO(raw)).convert("RGBA")
    least = SAVED[key][2]
    assert picture.width >= least[0]
    assert picture.height >= least[1]
    assert picture.getpixel((1, 1)) == (*ground(scheme), 255)
    assert picture.getextrema()[3] == (255, 255)  # nowhere does the reader's page shine through
    assert len(picture.getcolors(2**24)) > 50


@pytest.mark.parametrize("key", [key for key, (_, formats, _) in SAVED.items() if "SVG" in formats])
def test_an_svg_needs_nothing_from_outside_and_names_its_tokens(key, files, scheme):
    root = ElementTree.fromstring(files[key]["SVG"].read_bytes())
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert float(root.get("width")) > 300
    texts = {"".join(node.itertext()).strip() for node in root.iter("{http://www.w3.org/2000/svg}text")}
    name = pd.read_csv(files[key]["CSV"])[
        {"attention_arcs": "key", "attention_next": "name"}.get(key, "token")
    ].astype(str)
    assert set(name[:5]) <= texts
    written = files[key]["SVG"].read_text()
    assert "var(--" not in written
    assert "http://localhost" not in written
    grounds = [node for node in root if node.tag.endswith("rect")]
    fill = (grounds[0].get("fill") or grounds[0].get("style", "")).replace(" ", "")
    wanted = ground(scheme)
    assert "#{:02x}{:02x}{:02x}".format(*wanted) in fill or "rgb({},{},{})".format(*wanted) in fill


@pytest.mark.parametrize("key", SAVED)
def test_a_csv_is_the_table_of_the_page(key, files):
    page = pages.open_page(FILES[SAVED[key][0]], **{f"{key}_tools": True})
    [table] = [one.value for one in page.dataframe]
    found = pd.read_csv(files[key]["CSV"])
    assert list(found.columns) == list(table.columns)
    pd.testing.assert_frame_equal(found, table.reset_index(drop=True), check_dtype=False, atol=1e-6)


PAINTED = """() => {
  const picture = document.querySelector('.st-key-attention_head')
  const root = [...picture.querySelectorAll('*')].find(node => node.shadowRoot).shadowRoot
  const canvas = root.querySelector('canvas')
  const plot = document.querySelector('.st-key-attention_next .js-plotly-plot')
  const words = root.querySelector('.readout').textContent
  return [canvas.width, canvas.toDataURL(), words, plot.layout.paper_bgcolor, window.devicePixelRatio]
}"""


def test_a_saved_picture_leaves_the_page_as_it_was(app: App, page: Page, tmp_path: Path):
    open_page(page, app.url("attention"))
    expect(page.locator(".st-key-attention_head .readout")).not_to_be_empty()
    page.evaluate("() => document.fonts.ready.then(() => 1)")
    before = page.evaluate(PAINTED)
    for key in ("attention_head", "attention_next"):
        saved(page, key, "PNG", tmp_path)
        page.keyboard.press("Escape")
        expect(page.get_by_role("button", name="PNG", exact=True)).to_have_count(0)
    assert page.evaluate(PAINTED) == before
