"""The Attention page in a browser: the arithmetic of every stage, and tables that fit a phone."""

import torch
from playwright.sync_api import Page, expect

from core.attention import mask_future, tempered
from core.tokenizer import load_tokenizer
from core.trace import Trace, chain
from runs import storyteller
from tests.browser.conftest import App, open_page, settled

PROMPT, LAYER, HEAD, TOKEN = "The king had a daughter. The king", 2, 1, 6
ADDRESS = f"attention?prompt={PROMPT.replace(' ', '+')}&layer={LAYER}&head={HEAD}&token={TOKEN}"


def stages(temperature: float = 1.0) -> dict[str, torch.Tensor]:
    """What one head computes for the prompt, stage by stage."""
    model, trace = storyteller.open_step(None).eval(), Trace()
    ids = torch.tensor([load_tokenizer("glassbox").encode(PROMPT)])
    with torch.inference_mode():
        model.final_vectors(ids, chain(tempered(temperature), trace))
    names = ("scores", "scaled", "masked", "weights", "context", "values")
    return {name: trace[f"blocks.{LAYER}.attn.{name}"][0, HEAD] for name in names}


def show(page: Page, stage: str) -> None:
    page.get_by_role("radio", name=stage, exact=True).click()
    settled(page)


def said_of(page: Page, column: int) -> str:
    """What is said of one cell in the chosen token's row, by keyboard."""
    canvas = page.get_by_role("application", name=f"layer {LAYER}, head {HEAD}")
    canvas.focus()
    for _ in range(40):
        page.keyboard.press("ArrowLeft")
    for _ in range(column):
        page.keyboard.press("ArrowRight")
    return page.locator(".side .readout").inner_text().replace("−", "-")


def test_each_stage_says_its_sum_with_the_numbers_of_the_model(app: App, page: Page):
    open_page(page, app.url(ADDRESS))
    found, width = stages(), 32
    cell = {name: float(found[name][TOKEN, 3]) for name in found}
    show(page, "Q · K")
    assert f"= {cell['scores']:.2f}" in said_of(page, 3)
    show(page, "÷ √d")
    assert f"/ √{width} = {cell['scaled']:.2f}" in said_of(page, 3)
    show(page, "mask")
    assert f"{cell['masked']:.3f}" in said_of(page, 3)
    assert "-∞" in said_of(page, TOKEN + 1)
    show(page, "softmax")
    said, powers = said_of(page, 3), mask_future(found["scaled"])[TOKEN].exp()
    assert f"exp({cell['scaled']:.2f})".replace("--", "-") in said
    assert f"/ {float(powers.sum()):.2f}, the row's sum = {cell['weights']:.3f}" in said
    show(page, "· V")
    said = said_of(page, 3)
    assert f"{cell['context']:.3f}" in said
    best = int(found["weights"][TOKEN].argmax())
    assert f"{float(found['weights'][TOKEN, best]):.2f}×" in said
    assert f"= {cell['context']:.2f}" in said


def test_the_temperature_is_in_the_sum(app: App, page: Page):
    open_page(page, app.url(ADDRESS))
    slider = page.get_by_role("slider", name="Softmax temperature")
    slider.focus()
    for _ in range(10):
        slider.press("ArrowRight")
    settled(page)
    found = stages(2.0)
    said = said_of(page, 3)
    assert f"/ temperature 2 = {float(found['scaled'][TOKEN, 3]):.2f}" in said
    assert f"the row's sum = {float(found['weights'][TOKEN, 3]):.3f}" in said


def test_a_step_is_walked_and_a_row_is_picked(app: App, page: Page):
    open_page(page, app.url("attention"))
    page.get_by_role("radio", name="By hand", exact=True).click()
    expect(page.get_by_text("= 0.9544")).to_be_visible()
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("18.7453 = 0.2379")).to_be_visible()
    page.get_by_role("grid").nth(1).get_by_role("gridcell", name="0.2098").click()
    expect(page.get_by_role("radio", name="Your", exact=True)).to_be_checked()
