"""A click in a picture chooses a token, a layer or a head on other pages too, whatever page it is on."""

from collections.abc import Callable
from typing import NamedTuple

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import App, go_to, open_page, settled
from tests.browser.test_linked_state import parameters, pick_head

PLACE = """([key, x, y]) => {
    const plot = document.querySelector(`.st-key-${key} .js-plotly-plot`)
    const { xaxis, yaxis } = plot._fullLayout, box = plot.getBoundingClientRect()
    return [box.left + xaxis._offset + xaxis.d2p(x), box.top + yaxis._offset + yaxis.d2p(y)]
}"""
SLIDERS = {"layer": "Layer", "head": "Head", "token": "Token"}
HOVER = 400  # milliseconds until plotly knows what lies under the mouse


class Click(NamedTuple):
    """Where, on what, and what of the linked state it sets."""

    address: str
    do: Callable[[Page], None]
    sets: dict[str, int]


def nth(selector: str, number: int) -> Callable[[Page], None]:
    """A click on the nth of such things."""
    return lambda page: page.locator(selector).nth(number).click()


def into(key: str, x: float, y: float) -> Callable[[Page], None]:
    """A click into a figure, at a place of its axes."""
    return lambda page: click_into(page, key, x, y)


def click_into(page: Page, key: str, x: float, y: float) -> None:
    plot = page.locator(f".st-key-{key} .js-plotly-plot")
    plot.scroll_into_view_if_needed()
    settled(page)
    place = page.evaluate(PLACE, [key, x, y])
    page.mouse.move(*place)
    page.wait_for_timeout(HOVER)
    page.mouse.click(*place)


CLICKS = {
    "chips of the tokenizer": Click("tokenizer", nth(".chip", 4), {"token": 4}),
    "text of the windows": Click("windows", nth(".strip .piece", 5), {"token": 5}),
    "chips of the embeddings": Click("embeddings", nth(".chip", 4), {"token": 4}),
    "grid of all heads": Click("attention", lambda page: pick_head(page, 0.9, 0.9), {"layer": 5, "head": 5}),
    "arcs": Click("attention", nth(".from", 2), {"token": 2}),
    "chips of a norm": Click("layer_norm", nth(".chip", 4), {"token": 4}),
    "outputs that move": Click(
        "activations?activations_view=Each+token+by+itself", into("activations_moved", 3, 0.01), {"token": 3}
    ),
    "the model's stream": Click(
        "residuals?residuals_view=Your+model", into("residuals_stream", 3.25, 0.1), {"layer": 3}
    ),
    "map of the heads": Click("interventions", into("effects_heads", 2, 3), {"layer": 3, "head": 2}),
    "map of the parts": Click(
        "interventions?interventions_view=Each+part+off", into("effects_parts", 1, 2), {"layer": 2}
    ),
    "map of the vectors": Click(
        "interventions?interventions_view=One+vector+from+another+text",
        into("effects_patches", 5, 3),
        {"layer": 3, "token": 5},
    ),
    "lens": Click("logits", nth('.cell[data-row="3"][data-column="5"]', 0), {"layer": 2, "token": 5}),
    "squares of the heads": Click(
        "logits?logits_view=Who+wrote+its+logit", into("logits_heads", 4, 2), {"layer": 2, "head": 4}
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CLICKS)
def test_a_click_in_a_picture_moves_two_other_pages(app: App, page: Page, name: str):
    click = CLICKS[name]
    open_page(page, app.url(click.address))
    click.do(page)
    for key, value in click.sets.items():
        expect(page.get_by_test_id("stSidebar").get_by_role("slider", name=SLIDERS[key])).to_have_value(
            str(value)
        )
        page.wait_for_url(f"**{key}={value}**")
    here = click.address.partition("?")[0]
    others = [title for title in ("Attention", "Logits", "Embeddings") if title.lower() != here][:2]
    for title in others:
        go_to(page, title)
        page.wait_for_url(f"**/{title.lower()}**")
        settled(page)
        for key, value in click.sets.items():
            expect(page.get_by_test_id("stSidebar").get_by_role("slider", name=SLIDERS[key])).to_have_value(
                str(value)
            )
        drawn(page, title, click.sets)


def drawn(page: Page, title: str, sets: dict[str, int]) -> None:
    """What was chosen is what that page's own picture shows."""
    layer, head = (sets.get(key, 0) for key in ("layer", "head"))
    if title == "Attention":
        expect(page.get_by_role("application", name=f"layer {layer}, head {head}").first).to_be_visible()
    if "token" in sets and title == "Logits":
        chosen = page.locator(".cell[aria-selected=true]")
        expect(chosen).to_have_attribute("data-column", str(sets["token"]))
    elif "token" in sets:
        token = page.locator({"Attention": ".from", "Embeddings": ".chip"}[title]).nth(sets["token"])
        expect(token).to_have_attribute("aria-selected", "true")


@pytest.mark.slow
def test_a_token_that_is_clicked_into_the_text_is_read_by_every_page(app: App, page: Page):
    open_page(page, app.url("sampling"))
    page.locator(".row").nth(2).click()
    page.wait_for_url("**path=**")
    settled(page)
    path = parameters(page)["path"]
    for title in ("Logits", "Attention"):
        go_to(page, title)
        page.wait_for_url(f"**/{title.lower()}**")
        settled(page)
        assert parameters(page)["path"] == path
    go_to(page, "Sampling")
    page.wait_for_url("**/sampling**")
    expect(page.locator(".node.on")).to_have_count(2)


@pytest.mark.slow
def test_the_strongest_change_is_made_on_every_page(app: App, page: Page):
    open_page(page, app.url("interventions"))
    page.get_by_role("button", name="Do this on every page").click()
    page.wait_for_url("**edits=h**")
    for title in ("Attention", "Logits"):
        go_to(page, title)
        page.wait_for_url(f"**/{title.lower()}**")
        settled(page)
        assert parameters(page)["edits"].startswith("h")
        expect(page.get_by_test_id("stSidebar").get_by_text("off").first).to_be_visible()
