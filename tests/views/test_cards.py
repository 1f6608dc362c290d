"""The cards' words: every one asks, offers predictions, and explains; every page has some."""

import re
import string

import pytest

from runs.presets import EXPERIMENTS
from views.cards import CARDS, attention, heads, home, instructions, layer_norm, residuals, sampling, windows
from views.cards.card import Card, TrainingCard, TuningCard, words_of
from views.lessons import LESSONS
from views.road import ROAD

ALL = [card for cards in CARDS.values() for card in cards]
PAGES = [station.path or "home" for stations in ROAD.values() for station in stations]


def names_in(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("card", ALL, ids=lambda card: card.key)
def test_a_card_asks_offers_and_explains(card):
    words = words_of(card.key)
    assert words.title.endswith("?")
    assert 5 <= len(words.setting.split()) <= 60
    assert 2 <= len(words.predictions) <= 4
    assert len(set(words.predictions)) == len(words.predictions)
    assert 0 <= card.lesson < len(words.predictions)
    assert 1 <= card.question <= 25
    assert words.explanation
    assert words.otherwise  # what is said where the effect does not show
    assert not names_in(words.setting + "".join(words.predictions))  # nothing gives the answer away


@pytest.mark.parametrize("card", ALL, ids=lambda card: card.key)
def test_a_card_has_words_of_its_own_that_follow_predict_first(card):
    assert (LESSONS / "cards" / f"{card.key}.md").exists()
    first = words_of(card.key).title.split()[0]
    assert first[0].islower() or not first[0].isalpha() or first.isupper() or first == "GELU"


def test_no_words_are_without_a_card():
    written = {path.stem for path in (LESSONS / "cards").glob("*.md")}
    assert written == {card.key for card in ALL}


def test_keys_are_unique():
    assert len({card.key for card in ALL}) == len(ALL)


def test_every_page_of_the_road_has_a_card_and_most_questions_an_answer():
    assert all(CARDS[page] for page in PAGES)
    assert len(CARDS) == len(PAGES)
    assert len({card.question for card in ALL}) >= 18


def test_training_cards_are_of_experiments_that_there_are():
    found = [card for card in ALL if isinstance(card, TrainingCard)]
    assert found
    assert all(card.experiment in EXPERIMENTS for card in found)
    assert {type(card) for card in ALL} == {Card, TrainingCard, TuningCard}


@pytest.mark.parametrize(
    ("key", "number"),
    [
        ("dropout", f"{attention.DRAWS:,}"),
        ("dropout", f"1 − p, here {1 - attention.RATE:g}"),
        ("stride", f"of {windows.LENGTH} tokens"),
        ("reorders", f"by {sampling.COLD:g}, and by {sampling.HOT:g}"),
        ("tail", f"set to {sampling.COLD:g}"),
        ("loud", f"by {layer_norm.LOUDER:.0f}"),
        ("before_or_after", f"of {layer_norm.DEPTH} blocks"),
        ("gibberish", "the first tenth"),
        ("four_rates", "0.0001, 0.001, 0.01 and 1"),
        ("four_rates", "300 steps"),
        ("missed", "twice as much"),
        ("shortcuts", "Twelve linear layers"),
        ("zero", "three seeds"),
        ("tail", "ten best"),
        ("stops", f"same {instructions.CARDS[1].steps} steps"),
        ("ignored", "Four rows"),
    ],
)
def test_what_the_words_say_is_what_is_done(key: str, number: str):
    words = words_of(key)
    assert number in " ".join((words.setting, *words.predictions))
    assert (home.EARLY, heads.TWICE, residuals.DEPTH, len(sampling.SEEDS), sampling.KEPT) == (
        0.1,
        2,
        12,
        3,
        10,
    )
    sweep = EXPERIMENTS["learning_rates"].recipes.values()
    assert [recipe.train.learning_rate for recipe in sweep] == [1e-4, 1e-3, 1e-2, 1]
    assert {recipe.train.steps for recipe in sweep} == {300}


def test_nothing_but_names_stands_in_braces():
    for card in ALL:
        words = words_of(card.key)
        for text in (words.explanation, words.otherwise):
            assert all(re.fullmatch(r"[a-z_0-9]+", name) for name in names_in(text))
