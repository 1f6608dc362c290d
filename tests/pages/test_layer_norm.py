"""The Layer norm page: each control and each Try, on real input, without a browser."""

import re
from dataclasses import replace

import pytest

from core.config import NORMS
from runs import Recipe
from tests.pages.conftest import open_page, shown_text
from tests.runs.tiny import ENDED, RECIPE, wait_for_state
from views import cache
from views.lessons import lesson
from views.norm_controls import numbers_of

PAGE = "pages/model/layer_norm.py"


def layer_norm(**state: object):
    page = open_page(PAGE, **state)
    assert not page.exception
    assert not page.error
    return page


def moved(page) -> float:
    said = re.search(r"moves by at most (\d+[.]?\d*)(?:·10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?", shown_text(page))
    power = (said[2] or "⁰").translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
    return float(said[1]) * 10 ** int(power)


def test_a_hundred_times_louder_the_output_does_not_move():
    page = layer_norm()
    page.button(key="layer_norm_try_0").click().run()
    assert page.select_slider(key="layer_norm_times").value == 100
    assert moved(page) < 0.01


def test_too_quiet_for_eps_and_back_without_it():
    page = layer_norm()
    page.button(key="layer_norm_try_1").click().run()
    assert moved(page) > 1
    page.select_slider(key="layer_norm_eps").set_value(0.0).run()
    assert "·10⁻⁷" in re.search(r"moves by at most (\S+)", shown_text(page)).group(1)


def test_the_books_numbers_by_hand():
    page = layer_norm()
    page.button(key="layer_norm_try_2").click().run()
    assert not page.exception
    assert "variance 0.0231" in shown_text(page)
    page.slider(key="layer_norm_shift").set_value(2.0).run()
    assert "After: mean 2.000" in shown_text(page)


@pytest.mark.parametrize("number", range(4))
def test_a_try_says_what_to_watch(number: int):
    page = layer_norm()
    page.button(key=f"layer_norm_try_{number}").click().run()
    assert not page.exception
    assert lesson("layer_norm").tries[number].watch in shown_text(page)


def test_without_norms_large_weights_explode():
    page = layer_norm()
    page.button(key="layer_norm_try_3").click().run()
    ends = re.search(r"to pre ([\d.,]+), post ([\d.,]+), none ([\d.,]+) after 24 blocks", shown_text(page))
    pre, post, none = (float(end.replace(",", "")) for end in ends.groups())
    assert none > 5 * pre
    assert post == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("place", ["norm1", "norm2", "final_norm"])
def test_the_learned_scale_is_shown_at_every_norm(place: str):
    page = layer_norm(layer_norm_place=place, layer_norm_learned=True)
    assert "with the learned scale and shift" in shown_text(page)


@pytest.mark.parametrize(("prompt", "tokens"), [("", 0), ("a", 1)])
def test_short_prompts(prompt: str, tokens: int):
    text = shown_text(layer_norm(prompt=prompt))
    assert ("needs at least 1" in text) == (tokens == 0)


@pytest.mark.parametrize("view", ["vector", "sites", "places", "bare"])
@pytest.mark.parametrize("prompt", ["The king had a daughter", "a"])
def test_every_view_tells_the_same_story(view: str, prompt: str):
    one, other = (layer_norm(prompt=prompt, layer_norm_view=which) for which in (view, "vector"))
    [notice] = [text.value for text in one.markdown if "is added to the variance" in text.value]
    assert notice in [text.value for text in other.markdown]


def test_the_controls_of_a_view_hold_for_the_others():
    page = layer_norm(layer_norm_view="places", layer_norm_depth=24)
    page.session_state["layer_norm_view"] = "vector"
    assert re.search(r"Untrained, 24 \[?blocks", shown_text(page.run()))


def test_a_larger_eps_is_seen_at_every_norm():
    page = layer_norm(layer_norm_view="sites")
    before = re.search(r"after the norms it is (\S+) to", shown_text(page)).group(1)
    page.select_slider(key="layer_norm_eps").set_value(1.0).run()
    assert float(re.search(r"after the norms it is (\S+) to", shown_text(page)).group(1)) < 0.5 * float(
        before
    )


def with_norm(norm: str) -> Recipe:
    return replace(RECIPE, model=replace(RECIPE.model, norm=norm), train=replace(RECIPE.train, steps=2))


@pytest.mark.parametrize("norm", NORMS)
def test_models_of_every_kind_say_what_they_have(norm: str):
    run_id = cache.store().start(with_norm(norm), "c" * 32)
    wait_for_state(cache.store(), run_id, *ENDED)
    mine = {"owner": "c" * 32, "model": run_id}
    text = shown_text(layer_norm(**mine, layer_norm_place="norm1"))
    assert ("It was trained without the norm" in text) == (norm == "none")
    text = shown_text(layer_norm(**mine, layer_norm_view="bare"))
    assert ("nothing to take out" in text) == (norm == "none")
    assert ("cannot be stepped around" in text) == (norm == "post")


@pytest.mark.parametrize(
    ("written", "numbers", "said"),
    [
        ("1 -2.5, 4e2", [1, -2.5, 400], ""),
        ("−1", [-1], ""),
        ("", [0], "Nothing is written"),
        ("1 x nan 1e99", [1, 0, 0, 0], "«x» is no number"),
        (" ".join("5" * 13), [5] * 12, "13 numbers are too many"),
    ],
)
def test_numbers_by_hand_are_read_or_it_is_said_what_is_wrong(written: str, numbers: list, said: str):
    found, told = numbers_of(written)
    assert found.tolist() == numbers
    assert told.startswith(said)
    assert bool(told) == bool(said)


def test_the_numbers_by_hand_are_drawn():
    page = open_page(PAGE, layer_norm_source="by hand", layer_norm_hand="1 2 4 <b>")
    assert not page.exception
    assert "mean" in shown_text(page)
    assert "counts as 0" in shown_text(page)
