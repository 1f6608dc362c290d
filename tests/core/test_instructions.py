import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.instructions import (
    FAMILIES,
    NUMBERS,
    Item,
    draw_item,
    family_items,
    make_items,
    nouns,
    split_items,
    word_pairs,
)
from core.library import read_text

SEEDS = st.integers(0, 10_000)


def asked(item: Item) -> tuple[str, str]:
    return item.instruction, item.input


@pytest.fixture(scope="module")
def items() -> list[Item]:
    return make_items()


def test_there_are_a_thousand_items_in_eight_families_and_no_two_ask_the_same(items: list[Item]) -> None:
    assert len(items) == 1000
    assert {name: sum(item.family == name for item in items) for name in FAMILIES} == dict.fromkeys(
        FAMILIES, 125
    )
    assert len(FAMILIES) == 8
    assert len(set(map(asked, items))) == 1000
    assert make_items() == items
    assert make_items(seed=5) != items


@given(SEEDS)
def test_held_out_items_share_no_question_with_the_training_ones(seed: int) -> None:
    items = make_items(40, seed=3)
    learn, watch, held_out = split_items(items, seed)
    assert sorted(learn + watch + held_out) == sorted(items)
    assert not {*map(asked, learn)} & {*map(asked, watch + held_out)}
    for part, count in ((learn, 34), (watch, 2), (held_out, 4)):
        assert all(sum(item.family == name for item in part) == count for name in FAMILIES)
    assert split_items(items, seed) == (learn, watch, held_out)


def test_nearly_every_held_out_word_was_learned_in_another_wording(items: list[Item]) -> None:
    learn, _, held_out = split_items(items)
    for family in ("opposite", "plural", "past", "capital"):
        known = {item.response for item in learn if item.family == family}
        new = [item for item in held_out if item.family == family and item.response not in known]
        assert len(new) <= 2


def right_answer(item: Item) -> str:
    """The answer, found once more from the words of the question."""
    question = item.input or next(
        re.fullmatch(re.escape(wording).replace(r"\{\}", "(.*)"), item.instruction)[1]
        for wording in FAMILIES[item.family].wordings
        if "{}" in wording
    )
    words = question.split()
    if item.family in word_pairs():
        return dict(word_pairs()[item.family])[question]
    if item.family == "sum":
        return NUMBERS[NUMBERS.index(words[0]) + NUMBERS.index(words[2])]
    return {
        "capital": question[0].upper() + question[1:],
        "reverse": " ".join(words[::-1]),
        "copy": question,
        "count": NUMBERS[len(words)],
    }[item.family]


@given(st.sampled_from(list(FAMILIES)), SEEDS)
def test_every_answer_is_right_and_every_question_is_whole(family: str, seed: int) -> None:
    item = draw_item(family, random.Random(seed))
    assert item.family == family
    assert item.response == right_answer(item)
    assert "{" not in item.instruction + item.input
    assert item.instruction == item.instruction.strip() != ""


def test_a_question_has_one_answer() -> None:
    for name, pairs in word_pairs().items():
        assert len(dict(pairs)) == len(pairs), name
    assert all(dict(word_pairs()["opposite"])[b] == a for a, b in word_pairs()["opposite"])
    assert [NUMBERS[n] for n in (0, 9, 18)] == ["zero", "nine", "eighteen"]


def test_words_are_those_of_the_tales() -> None:
    known = set(re.findall("[a-z]+", read_text("storyteller-mix").lower()))
    assert set(nouns()) <= known
    for name, pairs in word_pairs().items():
        words = [word for pair in pairs for word in pair]
        assert sum(word in known for word in words) >= 0.85 * len(words), name


@pytest.mark.parametrize("name", FAMILIES)
def test_more_items_than_there_are_is_refused_in_a_sentence(name: str) -> None:
    if name in ("copy", "reverse"):
        assert len(family_items(name, 2000, random.Random(1))) == 2000
    else:
        with pytest.raises(ValueError, match=f"{name!r} has fewer than 2000"):
            family_items(name, 2000, random.Random(1))


def test_bad_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="each is 0"):
        make_items(0)
    with pytest.raises(ValueError, match="seed is -1"):
        make_items(seed=-1)
