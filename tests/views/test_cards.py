"""The cards' words: every one asks, offers predictions, and explains with numbers that its comparison gives."""

import string

import pytest

from views.cards import CARDS
from views.cards.card import words_of
from views.lessons import LANGUAGES, LESSONS

ALL = [card for cards in CARDS.values() for card in cards]


def names_in(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("card", ALL, ids=lambda card: card.key)
def test_a_card_asks_offers_and_explains(card, language: str):
    words = words_of(card.key, language)
    assert words.title.endswith("?")
    assert 5 <= len(words.setting.split()) <= 60
    assert 2 <= len(words.predictions) <= 4
    assert 0 <= card.lesson < len(words.predictions)
    assert 1 <= card.question <= 25
    assert words.otherwise  # what is said where the effect does not show


@pytest.mark.parametrize("card", ALL, ids=lambda card: card.key)
def test_a_card_has_words_of_its_own(card):
    assert (LESSONS / "en" / "cards" / f"{card.key}.md").exists()


def test_keys_are_unique():
    assert len({card.key for card in ALL}) == len(ALL)
