"""The maps are what single edits do, and a click makes the strongest of them everywhere."""

import numpy as np
import pytest

from core.interventions import Edit
from tests.pages.conftest import open_page, shown_text
from views import cache, next_token
from views.bundled import BUNDLED
from views.effects import swapped
from views.look import Look
from views.state.linked import FIRST_PROMPT

PAGE = "pages/model/interventions.py"
LOOK = Look(BUNDLED)
PATCH = "One vector from another text"


@pytest.fixture(scope="module")
def prompt() -> tuple[int, ...]:
    return tuple(cache.source(LOOK)[1].encode(FIRST_PROMPT))


def test_a_cell_of_a_map_is_the_edited_model(prompt) -> None:
    other = tuple(cache.source(LOOK)[1].encode(swapped(FIRST_PROMPT)))
    assert len(other) == len(prompt)
    cells = {
        Edit(kind="head", layer=1, head=2): cache.head_knockouts(LOOK, prompt, 9, "zero")[1, 2],
        Edit(kind="mlp", layer=0): cache.part_knockouts(LOOK, prompt, 9)["mlp"][0],
        Edit(kind="patch", layer=1, position=5): cache.patch_effects(LOOK, prompt, other, 9)[1, 5],
    }
    for edit, found in cells.items():
        probs = next_token.probabilities(Look(BUNDLED, edits=(edit,), other=other), prompt)
        np.testing.assert_allclose(found, probs[9], atol=1e-5)


@pytest.mark.parametrize("view", ["Each head off", "Each part off", PATCH])
def test_the_strongest_change_is_made_by_a_click(view: str) -> None:
    page = open_page(PAGE, interventions_view=view)
    assert not page.exception
    page.button(key="effects_do").click().run()
    assert not page.exception
    assert len(page.session_state["edits"].split(",")) == 1
    assert "of the next token's probability moves" in shown_text(page)
    assert page.session_state["other"] == (swapped(FIRST_PROMPT) if view == PATCH else "")


def test_another_token_can_be_watched() -> None:
    page = open_page(PAGE, interventions_token=" castle")
    assert "«·castle» goes from" in shown_text(page).replace("\\", "")


def test_a_text_of_another_length_is_refused_in_a_sentence() -> None:
    page = open_page(PAGE, interventions_view=PATCH, other="short")
    assert not page.exception
    assert "must have as many" in shown_text(page)
    page = open_page(PAGE, interventions_view=PATCH, prompt="Nothing to swap.")
    assert "the same text" in shown_text(page)


def test_a_large_picture_is_refused_before_it_is_computed(monkeypatch) -> None:
    monkeypatch.setattr("views.effects.MOST_WORK", 1e6)
    assert "arithmetic operations" in shown_text(open_page(PAGE))
