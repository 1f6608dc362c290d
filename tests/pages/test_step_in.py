"""Edits act on every page, on the real forward pass, and are taken back by a click."""

import numpy as np
import pytest
import torch

from core.interventions import Edit, intervene, stream_of
from core.sampling import generate
from runs.storyteller import BUNDLED
from tests.pages.conftest import open_page, shown_text
from views import cache, next_token
from views.look import Look, Sampling
from views.state.linked import FIRST_PROMPT

ATTENTION, SAMPLING, HOME = "pages/model/attention.py", "pages/talking/sampling.py", "pages/start/home.py"
LOOK = Look(BUNDLED)
BLOCK_OFF = Edit(kind="block", layer=1)


@pytest.fixture(scope="module")
def prompt() -> tuple[int, ...]:
    return tuple(cache.source(LOOK)[1].encode(FIRST_PROMPT))


@pytest.mark.parametrize(
    "edits",
    [
        (Edit(kind="head", layer=0, head=1), Edit(kind="mlp", layer=1)),
        (BLOCK_OFF,),
        (Edit(kind="push", layer=1, token=40, strength=2.0),),
        (Edit(kind="patch", layer=1, position=2), BLOCK_OFF),
    ],
)
def test_what_a_page_shows_is_the_edited_forward_pass(edits: tuple[Edit, ...], prompt) -> None:
    model, other = cache.source(LOOK)[0], prompt[3:]
    look = Look(BUNDLED, edits=edits, other=other)
    tap = intervene(model, edits, stream_of(model, torch.tensor(other)))
    with torch.inference_mode():
        by_hand = model(torch.tensor([prompt]), tap)[0, -1].softmax(-1).numpy()
    np.testing.assert_allclose(next_token.probabilities(look, prompt), by_hand, atol=1e-5)
    assert np.abs(by_hand - next_token.probabilities(LOOK, prompt)).max() > 1e-4
    seen = cache.look_inside(look, prompt)
    assert not np.allclose(seen["blocks.1.resid_out"], cache.look_inside(LOOK, prompt)["blocks.1.resid_out"])


def test_it_writes_as_edited(prompt) -> None:
    model, settings = cache.source(LOOK)[0], Sampling(temperature=0.0)
    tap = intervene(model, [BLOCK_OFF])
    by_hand = tuple(generate(model, prompt, 8, tap=tap))
    assert cache.continuation(Look(BUNDLED, edits=(BLOCK_OFF,)), prompt, 8, settings) == by_hand
    assert by_hand != cache.continuation(LOOK, prompt, 8, settings)


@pytest.mark.parametrize("file", [ATTENTION, SAMPLING, HOME])
def test_an_edit_of_the_address_stands_in_the_sidebar_of_every_page(file: str) -> None:
    page = open_page(file, edits="b1,h0.1m,nonsense,h0.99")
    assert not page.exception
    labels = [button.label.replace("\\", "") for button in page.sidebar.button]
    assert "Block 1 off" in labels
    assert "Head 0.1 at its mean" in labels
    assert "of the next token's probability moves" in shown_text(page)


def test_a_changed_model_is_called_so() -> None:
    assert "changed by hand 2 ×" in shown_text(open_page(SAMPLING, edits="b1,h0.1m"))
    assert "changed" not in open_page(SAMPLING).session_state["here"].model_name


def test_a_patch_without_a_text_to_take_from_is_no_edit() -> None:
    page = open_page(SAMPLING, edits="p1@4")
    assert not page.exception
    assert page.session_state["here"].edits == ()


def test_an_edit_is_made_and_taken_back_by_a_click() -> None:
    page = open_page(SAMPLING, layer=1, head=0)
    page.sidebar.button(key="edit_block_zero").click().run()
    assert page.session_state["edits"] == "b1"
    page.sidebar.button(key="edit_head_mean").click().run()
    assert page.session_state["edits"] == "b1,h1.0m"
    page.sidebar.button(key="edit_0").click().run()
    assert page.session_state["edits"] == "h1.0m"
    assert not page.exception


def test_heads_off_on_attention_are_the_same_edits() -> None:
    page = open_page(ATTENTION, edits="h0.1m,b1")
    page.multiselect(key="heads_off").set_value(["0.1", "1.0"]).run()
    assert page.session_state["edits"] == "b1,h0.1m,h1.0"
    page.multiselect(key="heads_off").set_value([]).run()
    assert page.session_state["edits"] == "b1"
    assert not page.exception


def test_a_word_that_the_model_cannot_read_pushes_nothing() -> None:
    page = open_page(SAMPLING, push_word="")
    assert not page.exception
    assert "Write a word that this model knows" in shown_text(page)
