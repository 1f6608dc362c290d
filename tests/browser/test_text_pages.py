"""The pictures of Tokenizer and Embeddings in a real browser: merges, trees, and the cloud of tokens."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import App, open_page, settled


@pytest.fixture
def look_at(app: App, page: Page):
    def open_view(path: str, view: str) -> Page:
        page.problems = []
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        open_page(page, app.url(path))
        page.get_by_role("radio", name=view, exact=True).click()
        settled(page)
        return page

    yield open_view
    assert page.problems == []


def test_the_lit_pair_becomes_a_token_and_the_tree_grows(look_at):
    page = look_at("tokenizer", "learn a vocabulary")
    pair = page.locator(".bar.first .pair").inner_text()
    assert page.locator(".strip .piece.lit").count() >= 2
    page.get_by_role("button", name="Merge", exact=True).click()
    expect(page.locator(".strip .piece.made").first).to_have_text("".join(pair.split(" + ")))
    expect(page.get_by_text("Merge 42 makes")).to_be_visible()


def test_another_pair_is_lit_without_a_message(look_at):
    page = look_at("tokenizer", "learn a vocabulary")
    page.locator(".bar").nth(1).hover()
    expect(page.locator(".bar").nth(1)).to_have_class("bar on")
    expect(page.locator(".strip .piece.lit:not(.other)")).to_have_count(0)


def test_a_tree_is_walked_by_keys_and_a_node_leads_to_its_merge(look_at):
    page = look_at("tokenizer", "learn a vocabulary")
    whole = page.locator(".node.whole:not(.leaf)").first
    expect(whole).to_have_attribute(
        "aria-label", "\u2068·d\u2069: merge 19 glues \u2068·\u2069 and \u2068d\u2069"
    )
    press_until(page, whole, "ArrowDown", "one byte")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.get_by_text("After 19 merges the most frequent pair")).to_be_visible()
    page.get_by_role("radio", name="GPT-2", exact=True).click()
    expect(page.locator(".node.whole")).to_have_count(1)


def press_until(page: Page, node: Locator, key: str, said: str) -> None:
    """Press a key on a node until the read-out says so: a picture that is drawn anew loses the focus."""
    for _ in range(5):
        node.press(key)
        page.wait_for_timeout(500)
        if said in page.locator(".readout").last.inner_text():
            return
    expect(page.locator(".readout").last).to_contain_text(said)


def test_a_chip_of_another_encoding_sets_the_linked_token(look_at):
    page = look_at("tokenizer", "the prompt's tokens")
    page.get_by_role("option", name="·daughter").first.click()
    page.wait_for_url("**token=4**")


def test_a_point_of_the_map_is_chosen_by_keys(look_at):
    page = look_at("embeddings", "who is near whom")
    stage = page.locator(".stage").first
    stage.focus()
    page.keyboard.press("ArrowRight")  # the chosen one itself
    page.keyboard.press("ArrowRight")  # the nearest
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_text("that you clicked")).to_be_visible()
    expect(page.locator(".entry.chosen")).not_to_contain_text("king")


def test_an_arrow_is_turned_by_hand(look_at):
    page = look_at("embeddings", "a primer")
    grip, plane = page.locator(".arrow.b .grip").bounding_box(), page.locator(".plane svg").bounding_box()
    page.mouse.move(grip["x"] + 20, grip["y"] + 20)
    page.mouse.down()
    page.mouse.move(plane["x"] + plane["width"] / 2, plane["y"] + plane["height"] * 0.95, steps=5)
    page.mouse.up()
    expect(page.get_by_role("slider", name="Angle of b (°)")).to_have_value("-90")
    expect(page.get_by_text("cos 110°")).to_be_visible()


def test_points_move_and_axes_stay(look_at):
    page = look_at("embeddings", "who is near whom")
    told = page.get_by_text("The axes are those of step 2,500")
    expect(told).to_be_visible()
    slider = page.get_by_role("slider", name="Checkpoint (step)")
    slider.focus()
    page.keyboard.press("Home")
    page.wait_for_url("**step=0**")
    expect(told).to_be_visible()
    expect(page.get_by_text("step 0. The axes")).to_be_visible()
