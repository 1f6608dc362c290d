"""The maps are what single edits do, and a click makes the strongest of them everywhere."""

import numpy as np
import pytest

from core.interventions import Edit
from runs.storyteller import BUNDLED
from tests.pages.conftest import open_page, shown_text
from views import cache, next_token
from views.effects import swapped
from views.lessons import lesson
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


@pytest.fixture(scope="module")
def tries() -> dict[str, dict[str, str]]:
    return {one.label: one.sets for one in lesson("interventions").tries}


def ids_of(text: str) -> tuple[int, ...]:
    return tuple(cache.source(LOOK)[1].encode(text))


def chance(ids: tuple[int, ...]) -> tuple[int, float]:
    probs = next_token.probabilities(LOOK, ids)
    return int(probs.argmax()), float(probs.max())


def test_the_lesson_holds_the_heads_that_look_it_up_are_needed(tries) -> None:
    ids = ids_of(tries["Whom does it need?"]["prompt"])
    token, base = chance(ids)
    assert cache.source(LOOK)[1].decode([token]) == " door"
    change = cache.head_knockouts(LOOK, ids, token, "zero") - base
    roles = cache.head_scores(LOOK).roles
    named = {
        (i, j) for i, row in enumerate(roles) for j, role in enumerate(row) if role and role[0] != "diffuse"
    }
    deepest = {divmod(int(cell), change.shape[1]) for cell in np.argsort(change, axis=None)[:4]}
    assert len(deepest & named) >= 3
    assert {"previous token", "induction"} <= {roles[i][j][0] for i, j in deepest & named}
    assert all(change[cell] < -0.4 for cell in deepest & named)


def test_the_lesson_holds_the_first_feed_forward_layer_is_needed_and_the_last_block_hardly(tries) -> None:
    ids = ids_of(tries["Layer by layer"]["prompt"])
    token, base = chance(ids)
    found = cache.part_knockouts(LOOK, ids, token)
    assert found["mlp"][0] < 0.05 * base
    assert found["block"][-1] > 0.9 * base


def test_the_lesson_holds_the_word_is_kept_where_it_was_read_and_fetched_late(tries) -> None:
    sets = tries["Where is the word kept?"]
    ids, other = ids_of(sets["prompt"]), ids_of(sets["other"])
    place = next(place for place, pair in enumerate(zip(ids, other, strict=True)) if pair[0] != pair[1])
    token = chance(other)[0]
    change = cache.patch_effects(LOOK, ids, other, token) - next_token.probabilities(LOOK, ids)[token]
    assert (change[:-1].argmax(axis=1) == place).all()  # before every layer but the last
    assert (change[:-1, place] > 0.5).all()
    assert change[-1].argmax() == len(ids) - 1
