"""The maps are what single edits do, and a click makes the strongest of them everywhere."""

from types import SimpleNamespace

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
from views.summaries import strongest_heads

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


def test_the_heads_with_the_largest_effect_are_listed_with_their_measured_roles(tries) -> None:
    ids = ids_of(tries["Whom does it need?"]["prompt"])
    token, base = chance(ids)
    assert cache.source(LOOK)[1].decode([token]) == " door"
    change = cache.head_knockouts(LOOK, ids, token, "zero") - base
    scores = cache.head_scores(LOOK)
    sentence = strongest_heads(change, scores)
    layer, head = np.unravel_index(np.abs(change).argmax(), change.shape)
    role = scores.roles[layer][head]
    points = f"{100 * change[layer, head]:+.0f} points"
    assert f": layer {layer}, head {head} ({points}, {role[0] if role else 'no clear role'})" in sentence
    page = open_page(PAGE, prompt=tries["Whom does it need?"]["prompt"])
    assert sentence in shown_text(page).replace("\\", "")


NO_ROLES = SimpleNamespace(roles=[[None, ("induction", 0.9)], [("previous token", 0.8), None]])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ([[0, 0], [0, 0]], "No head changes it by a point."),
        ([[0.009, -0.009], [0, np.nan]], "No head changes it by a point."),
        ([[0, -0.5], [0, 0]], "measures: layer 0, head 1 (-50 points, induction)."),
        (
            [[-1, 0.02], [0.3, 0]],
            "head 0 (-100 points, no clear role); layer 1, head 0 (+30 points, previous token)",
        ),
    ],
)
def test_the_sentence_of_the_heads_is_true_of_any_numbers(change, said) -> None:
    assert said in strongest_heads(np.array(change, dtype=float), NO_ROLES)


def test_no_more_than_six_heads_are_listed_and_none_without_measured_roles() -> None:
    many = SimpleNamespace(roles=[[None] * 12])
    assert strongest_heads(np.full((1, 12), 0.5), many).count("head") == 6
    assert strongest_heads(np.full((1, 12), 0.5), None) == ""


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
