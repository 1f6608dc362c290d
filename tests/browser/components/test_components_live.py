import re
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

HERE = Path(__file__).resolve().parent
WIDE, NARROW = {"width": 1440, "height": 1000}, {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = (tmp_path_factory.mktemp("server") / "log").open("w")
    command = [sys.executable, "-m", "streamlit", "run", HERE / "app.py", "--server.port", str(port)]
    server = subprocess.Popen(
        [*command, "--server.headless", "true"], cwd=HERE.parents[2], stdout=log, stderr=log
    )
    try:
        yield wait_for(f"http://127.0.0.1:{port}")
    finally:
        server.terminate()
        server.wait(10)
        log.close()


def wait_for(address):
    for _ in range(150):
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1):
                return address
        except OSError:
            time.sleep(0.2)
    raise TimeoutError(f"No server at {address}")


@pytest.fixture
def open_page(address: str, chromium: Browser):
    pages = []

    def open_one(query="", **options):
        page = chromium.new_page(**({"viewport": WIDE} | options))
        page.problems, page.sent, page.received = [], [], []
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        page.on("console", lambda m: page.problems.append(m.text) if m.type == "error" else None)
        page.on("websocket", lambda ws: listen(page, ws))
        page.goto(f"{address}/?{query}")
        page.locator(".to").first.wait_for()
        page.get_by_text("state").wait_for()
        pages.append(page)
        return page

    yield open_one
    for page in pages:
        assert page.problems == []
        page.close()


def listen(page, websocket):
    websocket.on("framesent", lambda frame: page.sent.append(len(frame)))
    websocket.on("framereceived", lambda frame: page.received.append(len(frame)))


def state_is(page, text):
    expect(page.get_by_text("state")).to_contain_text(f"state {text}")


def grid(page):
    return page.get_by_role("application", name="All heads")


def one_head(page):
    return page.get_by_role("application", name="One head")


def cell(page, layer, head, side=51):
    return {"x": 64 + head * side + 20, "y": 26 + layer * side + 20}


def test_a_click_on_a_chip_picks_its_token_and_the_others_follow(open_page):
    page = open_page()
    page.locator(".chip").nth(4).click()
    state_is(page, "0 0 4 clicks 1")
    page.locator(".chip").nth(4).click()  # the same one again is a click too
    state_is(page, "0 0 4 clicks 2")
    expect(page.locator(".from[aria-selected=true]")).to_have_text("·שלום")
    page.locator(".from").nth(2).click()
    state_is(page, "0 0 2 clicks 3")
    expect(page.locator(".chip[aria-selected=true]")).to_have_text("·sat")


def test_chips_show_what_cannot_be_seen_and_run_nothing(open_page):
    page = open_page()
    assert page.locator(".chip").all_inner_texts() == [
        "The", "·cat", "·sat", "↵", "·שלום", "·<b>mat</b>", "\\x00", "U+202E", "·it", "·was", ".",
    ]  # fmt: skip
    page.locator(".chip").nth(1).hover()
    expect(page.locator(".tip")).to_contain_text("id 1")
    expect(page.locator(".tip")).to_contain_text("4 bytes: 20 63 61 74")
    lefts = [page.locator(".chip").nth(i).bounding_box()["x"] for i in range(4, 11)]
    assert lefts == sorted(lefts)


def test_chips_by_keyboard(open_page):
    page = open_page()
    page.locator(".chip").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    state_is(page, "0 0 5")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Space")
    state_is(page, "0 0 1")


def test_the_grid_picks_and_the_server_wins(open_page):
    page = open_page()
    grid(page).click(position=cell(page, 2, 5))
    state_is(page, "2 5 0")
    page.get_by_label("layer", exact=True).fill("7")
    page.keyboard.press("Enter")
    state_is(page, "7 5 0")
    frame = re.compile(rf"translate\({64 + 5 * 51 - 3}px, {26 + 7 * 51 - 3}px\)")
    expect(grid(page).locator(".chosen")).to_have_attribute("style", frame)
    grid(page).click(position=cell(page, 2, 5))  # the cell picked before
    state_is(page, "2 5 0")


def test_the_grid_by_keyboard(open_page):
    page = open_page()
    grid(page).focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", "ArrowUp", "ArrowUp"):
        page.keyboard.press(key)
    expect(page.get_by_text("layer 0, head 2")).to_be_visible()
    page.keyboard.press("Enter")
    state_is(page, "0 2 0")


def test_a_role_in_the_key_goes_to_its_strongest_head(open_page):
    page = open_page()
    role = page.get_by_role("button", name="induction")
    expect(role).to_have_text("inductionlayer 11, head 3: 0.60")
    page.sent.clear()
    role.hover()
    assert page.sent == []
    role.click()
    state_is(page, "11 3 0")
    expect(page.locator(".readout").first).to_have_text("layer 11, head 3 looks like: induction, 0.60")
    expect(page.get_by_role("button", name="diffuse")).to_be_disabled()
    expect(page.get_by_role("button", name="diffuse")).to_have_text("diffusenone")


def test_the_readout_says_what_a_head_looks_like_or_that_it_shows_nothing(open_page):
    page = open_page()
    grid(page).hover(position=cell(page, 1, 4))
    expect(page.get_by_text("layer 1, head 4 has no clear role")).to_be_visible()
    grid(page).hover(position=cell(page, 1, 2))
    expect(page.get_by_text("layer 1, head 2 looks like: itself, 0.10")).to_be_visible()


def test_a_mark_stands_in_the_corner_of_a_head_with_a_role_only(open_page):
    page = open_page()
    dark = """(canvas, [layer, head]) => {
        const at = [64 + head * 51 + 26, 26 + layer * 51 + 3, 18, 16].map((x) => x * devicePixelRatio)
        const { data } = canvas.getContext("2d").getImageData(...at)
        return data.filter((x, i) => i % 4 == 0 && x < 60).length }"""
    assert grid(page).locator("canvas").evaluate(dark, [5, 2]) > 40
    assert grid(page).locator("canvas").evaluate(dark, [5, 4]) == 0


def test_hover_costs_no_message(open_page):
    page = open_page()
    page.wait_for_timeout(500)
    page.sent.clear()
    grid(page).hover(position=cell(page, 3, 3))
    expect(page.get_by_text("layer 3, head 3")).to_be_visible()
    one_head(page).hover(position={"x": 130, "y": 450})
    expect(page.get_by_text("q·k =").first).to_be_visible()
    page.locator(".to").nth(0).hover()
    assert page.sent == []


def test_the_arithmetic_of_a_score_is_true(open_page):
    page = open_page()
    one_head(page).focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    vectors = np.random.default_rng(1).normal(size=(11, 16)).astype(np.float32)
    score = float(vectors[2] @ vectors[1])
    said = page.locator(".sum").inner_text().replace("−", "-")
    assert f"= {score:.2f}" in said
    assert f"/ √16 = {score / 4:.2f}" in said
    page.keyboard.press("Enter")
    state_is(page, "0 0 2")


def tables(page):
    return page.get_by_label("Two tables", exact=True)


def test_a_matrix_says_how_a_cell_came_about_and_a_click_picks_its_row(open_page):
    page = open_page()
    said = tables(page).locator(".readout")
    expect(said).to_contain_text("formula of 0, 0")
    cells = tables(page).get_by_role("grid").nth(1).locator("[data-at]:not(th)")
    assert cells.all_inner_texts() == ["0.5000", "−0.2500", "−∞", "1.0000", "0.0000", "2.0000"]
    page.wait_for_timeout(300)
    page.sent.clear()
    cells.nth(2).hover()
    expect(said).to_contain_text("formula of 0, 2")
    assert page.sent == []
    cells.nth(4).click()
    state_is(page, "0 0 1")
    expect(said).to_contain_text("formula of 1, 1")


def test_a_matrix_is_walked_by_keyboard(open_page):
    page = open_page()
    said = tables(page).locator(".readout")
    tables(page).get_by_role("grid").nth(1).locator("[data-at]:not(th)").first.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    expect(said).to_contain_text("formula of 1, 2")
    expect(said).to_contain_text("<b> · z")
    page.keyboard.press("Enter")
    state_is(page, "0 0 1")


def test_a_click_on_144_heads_is_a_short_message(open_page):
    page = open_page()
    page.wait_for_timeout(500)
    for layer, head in ((1, 1), (2, 7), (9, 3), (5, 5), (11, 11)):
        page.received.clear()
        grid(page).click(position=cell(page, layer, head))
        state_is(page, f"{layer} {head} ")
        page.wait_for_timeout(200)
        assert sum(page.received) < 120_000


@pytest.mark.parametrize("options", [{"viewport": NARROW}, {"viewport": WIDE, "color_scheme": "dark"}])
def test_nothing_overflows_and_every_picture_is_painted(open_page, options):
    page = open_page(**options)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    for canvas in page.locator("canvas").all():
        colours = canvas.evaluate(
            "c => new Set(new Uint32Array(c.getContext('2d')"
            ".getImageData(0, 0, c.width, c.height).data.buffer)).size"
        )
        assert colours > 20
        box = canvas.bounding_box()
        assert box["x"] + box["width"] <= page.viewport_size["width"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessible(open_page, scheme):
    axe = Axe()
    page = open_page(color_scheme=scheme)
    nodes = [(v["id"], node["target"]) for v in axe.run(page).response["violations"] for node in v["nodes"]]
    assert [
        (rule, target) for rule, target in nodes if isinstance(target[0], list)
    ] == []  # in a shadow root: ours
