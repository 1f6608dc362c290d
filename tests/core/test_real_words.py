import pytest
from hypothesis import given
from strategies import TEXTS

from core.real_words import RealShares, real_shares, words_in

TALE = "The king had a daughter. She didn't like the King's frog."


def test_words_are_what_lies_between_the_signs():
    assert list(words_in(TALE))[-6:] == ["she", "didn't", "like", "the", "king's", "frog"]
    assert list(words_in("9 «?»")) == []


def test_shares_are_counted():
    (found,) = real_shares(["The king had blorp a daughter!"], TALE)
    assert found.words == pytest.approx(5 / 6)
    assert found.pairs == pytest.approx(3 / 5)  # the king, king had, a daughter


def test_real_words_in_a_wrong_order_are_no_pairs():
    (found,) = real_shares(["frog daughter king"], TALE)
    assert found == RealShares(1.0, 0.0)


@given(TEXTS)
def test_each_writing_is_counted_by_itself(text: str):
    alone = [real_shares([one], TALE)[0] for one in (text, "the king", "")]
    assert real_shares([text, "the king", ""], TALE) == alone
    assert alone[1:] == [RealShares(1.0, 1.0), RealShares(0.0, 0.0)]
    assert all(0 <= share <= 1 for share in alone[0])


@given(TEXTS)
def test_a_text_is_made_of_its_own_words(text: str):
    words = list(words_in(text))
    assert real_shares([text], text)[0] == RealShares(float(bool(words)), float(len(words) > 1))
