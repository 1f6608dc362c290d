"""The cards on their pages: predict, and exactly the prediction that holds is said to be right."""

import sys
from uuid import uuid4

import pytest
from streamlit.testing.v1 import AppTest

from runs.presets import EXPERIMENTS, Experiment
from tests.pages.conftest import open_page, shown_text
from tests.runs.tiny import ENDED, RECIPE, wait_for_state, with_train
from views import cache
from views.cards import CARDS
from views.cards.card import Card, words_of
from views.lessons import furniture
from views.road import ROAD

FILES = {station.path or "home": station.file for stations in ROAD.values() for station in stations}
TRAINED = [page for page, cards in CARDS.items() if not all(isinstance(card, Card) for card in cards)]
WORDS = furniture()
SHOW = sys.modules["views.cards.show"]  # in the package its name is a function's


def opened(name: str, said: int | None = None, **more: object) -> AppTest:
    """A page with all its cards unfolded, and the same answer given to each."""
    given = {f"card_{card.key}": True for card in CARDS[name]}
    if said is not None:
        answers = {card.key: min(said, len(words_of(card.key).predictions) - 1) for card in CARDS[name]}
        given |= {f"card_{key}_said": answer for key, answer in answers.items()}
    return open_page(FILES[name], **given | more)


@pytest.mark.parametrize("name", CARDS)
def test_a_page_asks_before_it_tells(name: str):
    page = opened(name)
    assert not page.exception
    assert not page.error
    told = shown_text(page)
    for card in CARDS[name]:
        words = words_of(card.key)
        assert words.setting in told
        assert page.radio(key=f"card_{card.key}_said").options == list(words.predictions)
    assert WORDS["right"] not in told
    assert WORDS["wrong"] not in told


@pytest.mark.parametrize("name", CARDS)
def test_as_you_said_stands_beside_the_prediction_that_held_and_no_other(name: str):
    cards = [card for card in CARDS[name] if isinstance(card, Card)]
    most = max((len(words_of(card.key).predictions) for card in cards), default=0)
    for said in range(most):
        page = opened(name, said)
        assert not page.exception
        assert not page.error
        told = [one.value for one in page.markdown]
        for card in cards:
            held = words_of(card.key).predictions[card.lesson]
            answered = page.radio(key=f"card_{card.key}_said").value
            verdict = WORDS["right"] if answered == card.lesson else WORDS["wrong"]
            assert sum(f"**{verdict}** {held}" in one for one in told) == 1, (card.key, answered)
            other = WORDS["wrong"] if answered == card.lesson else WORDS["right"]
            assert not any(f"**{other}** {held}" in one for one in told)


@pytest.mark.parametrize("name", TRAINED)
def test_what_has_to_be_trained_waits_for_a_press(name: str):
    page = opened(name, 0)
    for card in CARDS[name]:
        if not isinstance(card, Card):
            assert page.button(key=f"card_{card.key}_train").label == WORDS["train"]


def test_folded_cards_compute_nothing(monkeypatch: pytest.MonkeyPatch):
    def refuse(*given: object) -> None:
        raise AssertionError("a comparison was made")

    monkeypatch.setattr(SHOW, "compute", refuse)
    page = open_page(FILES["attention"])
    assert any(WORDS["predict"] in one.label for one in page.expander)
    assert not page.exception
    assert not page.radio


@pytest.mark.parametrize("prompt", ["", "The"])
@pytest.mark.parametrize("name", ["home", "windows", "residuals", "runs"])
def test_a_prompt_that_is_too_short_is_said_in_a_sentence(name: str, prompt: str):
    page = opened(name, 0, prompt=prompt)
    assert not page.exception
    assert not page.error
    if name in ("windows", "residuals"):
        assert "this comparison needs at least" in shown_text(page)


def test_a_mistake_of_ours_stays_in_its_card(monkeypatch: pytest.MonkeyPatch):
    def fail(card, here):
        raise RuntimeError("secret")

    monkeypatch.setattr(SHOW, "unfold", fail)
    page = open_page(FILES["anatomy"])
    assert not page.exception
    assert "Glassbox made a mistake in this comparison" in shown_text(page)
    assert "secret" not in shown_text(page)


@pytest.fixture
def tiny_experiment(monkeypatch: pytest.MonkeyPatch):
    """The two runs of Runs' card, each a second long; the class no longer sees them afterwards."""
    recipes = {"whole tale": with_train(RECIPE, steps=40), "one page": with_train(RECIPE, steps=44)}
    tiny = Experiment(title="tiny", question="?", recipes=recipes, notice="")
    monkeypatch.setitem(EXPERIMENTS, "overfit", tiny)
    yield tiny
    for entry in cache.store().shelf(uuid4().hex).entries():
        owner = cache.store().status(entry.run_id).owner
        cache.store().shelf(owner).share(entry.run_id, False)
    cache.forget_lists()


def test_runs_are_trained_and_then_decide(tiny_experiment):
    page = opened("runs", 0)
    page.button(key="card_by_heart_train").click().run()
    run_ids = page.session_state["note_card_by_heart_runs"]
    assert len(run_ids) == 2
    for run_id in run_ids:
        assert wait_for_state(cache.store(), run_id, *ENDED).state == "done"
    cache.status_of.clear()
    page.run()
    told = shown_text(page)
    assert not page.exception
    assert not page.error
    assert WORDS["right"] in told or WORDS["wrong"] in told
    statuses = [cache.status_of(run_id) for run_id in run_ids]
    courses = [cache.course_of(one.run_id, one.state, one.step, one.life) for one in statuses]
    held = CARDS["runs"][0].judge(courses).held
    assert words_of("by_heart").predictions[held] in told
    assert (WORDS["right"] in told) == (held == 0)


def test_a_run_that_was_stopped_is_not_compared(tiny_experiment, monkeypatch: pytest.MonkeyPatch):
    page = opened("runs", 0)
    page.button(key="card_by_heart_train").click().run()
    for run_id in page.session_state["note_card_by_heart_runs"]:
        wait_for_state(cache.store(), run_id, *ENDED)
    monkeypatch.setattr(SHOW, "WHOLE", ())
    cache.status_of.clear()
    page.run()
    assert "the runs cannot be compared" in shown_text(page)
    assert WORDS["right"] not in shown_text(page)


def test_runs_that_are_no_longer_there_can_be_started_again():
    page = opened("runs", 0, note_card_by_heart_runs=["0" * 32, "1" * 32])
    assert not page.error
    assert page.button(key="card_by_heart_train")
