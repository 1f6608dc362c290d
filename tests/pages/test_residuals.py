"""What each part of the Residuals page says, on real input."""

import re
from dataclasses import replace

import numpy as np
import pytest

from core.explosion import LIMIT, stream_after_layers
from core.gradients import DeepNetwork, depth_gradients
from tests.pages.conftest import open_page, shown_text
from views import cache, depth
from views.figures.gradients import SIDES, gradient_lines
from views.theme import LIGHT

PAGE = "pages/model/residuals.py"
VIEWS = ("gradient", "squares", "stream", "book", "model")


def residuals(**state: object):
    page = open_page(PAGE, **state)
    assert not page.exception
    assert not page.error
    return page


def words_of(page) -> str:
    """All words of a page, without escapes and without what the glossary has put behind them."""
    return re.sub(r"\[(.*?)\]\(#words \".*?\"\)", r"\1", shown_text(page)).replace("\\", "")


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("prompt", ["The king had a daughter", "a", ""])
@pytest.mark.parametrize("network", ["linear layers", "GPT blocks"])
def test_every_view_of_every_prompt(view: str, prompt: str, network: str):
    page = residuals(residuals_view=view, prompt=prompt, residuals_network=network)
    text = words_of(page)
    asked = network == "GPT blocks" and prompt != "The king had a daughter"
    assert ("linear layers are shown" in text) == (asked and view in VIEWS[:3])
    assert ("nothing flows" in text) == (view == "model" and prompt == "")


def test_where_it_explodes_is_named_and_true():
    page = residuals()
    page.button(key="residuals_try_1").click().run()
    network = DeepNetwork(depth=40, gain=3.0, norm=False)
    sizes, pulls = stream_after_layers(network), depth_gradients(network)
    first = next(i for i, size in enumerate(sizes) if size > LIMIT)
    pull = next(i for i, size in enumerate(pulls) if size > LIMIT)
    text = words_of(page)
    assert (
        f"the stream is beyond 10⁴ at layer {first + 1}, the gradient is beyond 10⁴ at layer {pull + 1}"
        in text
    )
    assert f"the stream is beyond 10⁴ from layer {first + 1} on" in text
    page.toggle(key="residuals_norm").set_value(True).run()
    assert "Neither its stream nor its gradient is beyond 10⁴" in words_of(page)


@pytest.mark.parametrize("gain", [1.0, 3.0, 8.0])
def test_a_star_stands_on_each_line_where_it_is_beyond(gain: float):
    found = depth.four_streams(DeepNetwork(depth=60, gain=gain))
    beyond = depth.places_beyond(found)
    figure = gradient_lines(found, SIDES[1], LIGHT, what="layer", relative=False, unit="size", beyond=beyond)
    stars = [trace for trace in figure.data if trace.name == "beyond"]
    assert sorted(star.x[0] for star in stars) == sorted(at + 1 for at in beyond.values() if at is not None)
    low, high = figure.layout.yaxis.range
    assert all(low <= np.log10(star.y[0]) <= high for star in stars)
    named = [note.text for note in figure.layout.annotations if "beyond" in note.text]
    assert len(named) == (beyond[SIDES[1]] is not None)
    assert figure.layout.yaxis.title.text == "size"
    assert "Infinity" not in figure.to_json()


def test_the_books_five_layers():
    text = words_of(residuals(residuals_view="book"))
    assert "2.02·10⁻⁴ arrives at the first without shortcuts, 0.222 with them" in text


def test_hidden_controls_hold_for_what_is_said():
    page = residuals(residuals_view="book", residuals_layers=7)
    assert "the first of 7 layers" in words_of(page)


def test_the_models_own_stream():
    page = residuals(residuals_view="model")
    here = page.session_state["here"]
    seen = cache.look_inside(here.look, here.prompt.ids)
    ends = [
        np.sqrt((seen[name].astype(float) ** 2).mean())
        for name in ("blocks.0.resid_in", "blocks.5.resid_out")
    ]
    assert f"from size {ends[0]:.2g} to {ends[1]:.2g}" in words_of(page)


def test_twelve_blocks_first_over_last():
    found = depth.four_networks(replace(DeepNetwork(depth=12), ids=tuple(range(20)), vocab_size=50))
    ratios, _ = depth.first_and_last(found)
    assert 0.5 < ratios[0, 0] < 2
    assert ratios[1, 1] < 1e-9
