"""What the Anatomy page counts, and what it does with numbers that do not fit together."""

import re

import pytest
from streamlit.testing.v1 import AppTest

from core.config import GPT2_SMALL
from core.gpt import parameter_count
from tests.pages.conftest import open_page, shown_text
from views import journey, next_token
from views.bill import duration
from views.cache.lens import vector_and_logits
from views.cost import cost_of
from views.dummy import dummy_look, spread

ANATOMY = "pages/model/anatomy.py"


def with_preset(preset: str) -> AppTest:
    page = open_page(ANATOMY)
    page.selectbox(key="anatomy_preset").set_value(preset).run()
    assert not page.exception
    return page


def test_at_first_the_linked_model_is_counted() -> None:
    page = open_page(ANATOMY)
    learned = parameter_count(page.session_state["here"].config)
    assert f"Storyteller (bundled): {learned:,} learned numbers" in shown_text(page).replace("\\", "")


@pytest.mark.parametrize(
    ("preset", "count"),
    [("small", "163,009,536"), ("small_tied", "124,412,160"), ("xl", "1,637,792,000")],
)
def test_the_books_counts(preset: str, count: str) -> None:
    assert count in shown_text(with_preset(preset))


def test_the_numbers_of_the_book_stand_together() -> None:
    text = shown_text(with_preset("small")).replace("\\", "")
    for number in ("163,009,536", "621.83 MiB", "2,360,064", "4,722,432", "124,412,160"):
        assert number in text, number
    page = with_preset("small")
    page.session_state["anatomy_view"] = "memory"
    assert "621.83 MiB of weights" in shown_text(page.run())
    assert "124,412,160 learned numbers, 474.59 MiB" in words_of(with_preset("small_tied"))


def words_of(page: AppTest) -> str:
    """All words of a page, without escapes and without what the glossary has put behind them."""
    return re.sub(r"\[(.*?)\]\(#words \".*?\"\)", r"\1", shown_text(page)).replace("\\", "")


@pytest.mark.parametrize("view", ["sizes", "memory", "shapes", "dummy"])
@pytest.mark.parametrize("prompt", ["", "a", "The king had a daughter"])
def test_every_view_of_every_prompt(view: str, prompt: str) -> None:
    page = open_page(ANATOMY, anatomy_view=view, prompt=prompt)
    assert not page.exception
    assert not page.error
    assert ("nothing flows" in shown_text(page)) == (view == "dummy" and not prompt)


def test_every_try_says_its_number() -> None:
    page = open_page(ANATOMY)
    page.button(key="anatomy_try_0").click().run()
    assert "163,009,536 learned numbers" in shown_text(page)
    page.button(key="anatomy_try_1").click().run()
    assert "124,412,160 learned numbers" in shown_text(page)
    page.button(key="anatomy_try_2").click().run()
    assert "GPT-2's vocabulary" in shown_text(page).replace("\\", "")
    page.button(key="anatomy_try_3").click().run()
    assert "With 0 of" in shown_text(page)


def test_a_preset_sets_the_sliders_and_they_move_freely_after() -> None:
    page = with_preset("small")
    assert page.slider(key="anatomy_emb_dim").value == GPT2_SMALL.emb_dim
    page.slider(key="anatomy_n_layers").set_value(13).run()
    assert page.slider(key="anatomy_n_layers").value == 13
    assert f"{163_009_536 + 7_085_568:,}" in shown_text(page)
    page.toggle(key="anatomy_tie_weights").set_value(True).run()
    assert f"{124_412_160 + 7_085_568:,}" in shown_text(page)


def test_more_heads_are_not_more_numbers() -> None:
    page = with_preset("small")
    page.slider(key="anatomy_n_heads").set_value(16).run()
    assert "163,009,536" in shown_text(page)


def test_the_dummy_says_what_the_lens_reads() -> None:
    page = open_page(ANATOMY, anatomy_view="dummy")
    ids = page.session_state["here"].prompt.ids
    look = page.session_state["here"].untouched
    page.slider(key="anatomy_step").set_value(4).run()  # two real blocks
    here = page.session_state["here"]
    probs = next_token.probabilities(dummy_look(here, 2), ids)
    _, logits = vector_and_logits(look, ids, 2, len(ids) - 1)
    assert probs == pytest.approx(logits.softmax(-1).numpy(), abs=1e-5)
    assert "With 2 of 6 blocks real" in shown_text(page)


def test_the_first_and_the_last_step() -> None:
    page = open_page(ANATOMY, anatomy_view="dummy")
    page.slider(key="anatomy_step").set_value(1).run()
    assert "no output layer yet" in shown_text(page)
    page.slider(key="anatomy_step").set_value(8).run()
    assert "All 6 blocks are real" in shown_text(page)


def test_the_gpu_is_an_assumption_that_can_be_changed() -> None:
    page = with_preset("xl")
    page.session_state["anatomy_view"] = "memory"
    page.run()
    assert "GPU-years" in shown_text(page)
    page.number_input(key="anatomy_gpu").set_value(10_000.0).run()
    assert not page.exception


def test_an_empty_prompt_still_has_an_anatomy() -> None:
    page = open_page(ANATOMY, prompt="", anatomy_view="dummy")
    assert "learned numbers" in shown_text(page)
    assert "Write something" in shown_text(page)


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.5, "0.5 seconds"), (90, "90 seconds"), (7300, "2.0 hours"), (1e9, "32 years")]
)
def test_times_are_said_as_people_do(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_blocks_in_a_row() -> None:
    assert spread(3, 1) == " 3"
    assert spread(0, 4) == "s 0 to 3"


def test_home_says_what_was_learned_and_what_this_text_costs() -> None:
    here = open_page("pages/start/home.py").session_state["here"]
    found = {stop.place: stop for stop in journey.stops(here)}
    assert found["anatomy"].number == f"{parameter_count(here.config):,}"
    assert float(found["training"].number) == pytest.approx(cost_of(here).mean, abs=0.005)
    assert (found["anatomy"].path, found["logits"].path) == ("anatomy", "logits")
    empty = open_page("pages/start/home.py", prompt="").session_state["here"]
    assert {stop.place: stop for stop in journey.stops(empty)}["training"].number == "–"
