import random
from collections import Counter
from string import ascii_lowercase

import pytest

from core.mix import passages, repeats, storyteller_mix
from core.stories import stories

TALE = "\n\n".join(f"Tale {number}. " + "And then the bear ate honey. " * 9 for number in range(60))


@pytest.fixture(scope="module")
def mix() -> str:
    return storyteller_mix([TALE], "It is a truth.\n\nThat is all. " * 100)


def test_the_mix_is_always_the_same_and_begins_and_ends_well(mix: str) -> None:
    assert mix == storyteller_mix([TALE], "It is a truth.\n\nThat is all. " * 100)
    assert mix == mix.strip()
    assert "\n\n\n" not in mix


def test_everything_stands_there_once(mix: str) -> None:
    documents = mix.split("\n\n")
    assert all(next(stories()) in documents for _ in range(3))
    assert sum(mix.count(f"Tale {number}. ") for number in range(60)) == 60
    assert len(set(documents)) > 0.99 * len(documents)


def test_the_last_tenth_is_like_the_rest(mix: str) -> None:
    cut = int(0.9 * len(mix))
    for word in ("said", "the", "was", "forest"):
        there, here = mix[:cut].count(word) / cut, mix[cut:].count(word) / (len(mix) - cut)
        assert here == pytest.approx(there, rel=0.4)


def test_passages_are_whole_paragraphs() -> None:
    pieces = passages("One.\n\nTwo\nlines.\n \n\nThree.\n\nFour.", length=8)
    assert pieces == ["One.\nTwo lines.", "Three.\nFour."]
    assert passages("short") == ["short"]


def test_words_come_again_in_the_same_order() -> None:
    text = " ".join(
        f"{letter}{other} " * (40 - i) for i, letter in enumerate(ascii_lowercase) for other in "xy"
    )
    documents = list(repeats(text, 5000, random.Random(1)))
    assert sum(map(len, documents)) >= 5000
    for document in documents:
        words = document.split()
        period = words.index(words[0], 1)
        assert words[period:] == words[:-period]
        assert len(set(words)) == period
    met = Counter(" ".join(documents).split())
    assert met["ax"] > 2 * met["zy"] > 0  # each comes, the frequent ones more often
