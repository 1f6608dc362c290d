import random
import re
from itertools import islice

import pytest

from core.stories import Plot, choose, plots, stories, story, with_article
from core.story_words import PEOPLE, PLACES, THINGS, WORDS

TABLES = PEOPLE.keys() | THINGS.keys() | WORDS.keys() | {"place", "hero"}


@pytest.fixture(scope="module")
def many() -> list[str]:
    return list(islice(stories(), 2000))


def words(text: str) -> list[str]:
    return re.findall(r"[A-Za-z]+(?:'s)?", text)


def test_the_same_seed_tells_the_same_stories() -> None:
    one, again, other = (list(islice(stories(seed), 9)) for seed in (7, 7, 8))
    assert one == again != other


def test_hardly_a_story_is_told_twice(many: list[str]) -> None:
    assert len(set(many)) > 0.99 * len(many)


def test_few_words_are_enough(many: list[str]) -> None:
    assert 600 < len({word.lower() for word in words(" ".join(many))}) < 900


def test_no_gap_and_no_choice_is_left(many: list[str]) -> None:
    assert set(re.sub(r"[A-Za-z]", "", "".join(many))) <= set(" \n.,:!?\"'")


def test_no_word_is_said_twice(many: list[str]) -> None:
    assert not [found[0] for text in many for found in re.finditer(r"\b(\w+) \1\b", text)]


def test_sentences_begin_with_a_capital_and_end_with_a_mark(many: list[str]) -> None:
    for text in many:
        for line in text.splitlines():
            assert line[0].isupper() or line[0] == '"'
            assert line.endswith((".", "!", "?", '."', '!"', '?"')), line
        assert not re.search(r"[.?] [a-z]", text)
        assert not re.search(r'[.!?]"\.| [.,!?]|[.,]{2}', text)


def test_what_is_said_has_a_beginning_and_an_end(many: list[str]) -> None:
    for text in many:
        for line in text.splitlines():
            assert line.count('"') % 2 == 0, line
            for said in line.split('"')[1::2]:
                assert said == said.strip()
                assert said[-1] in ".,!?", said


def test_a_or_an(many: list[str]) -> None:
    for text in many:
        assert not re.search(r"\b[Aa] [aeiou]|\b[Aa]n [^aeiou]", text)
    assert with_article("old king") == "an old king"


@pytest.mark.parametrize("plot", plots(), ids=lambda plot: plot.name)
def test_every_plot_can_be_told_in_many_ways(plot: Plot) -> None:
    dice = random.Random(1)
    told = [story(plot, dice) for _ in range(100)]
    assert len(set(told)) > 95
    assert min(map(len, told)) > 300
    assert max(map(len, told)) < 1400
    assert all(1 < text.count("\n") < 4 for text in told)  # a beginning, a middle and an end


@pytest.mark.parametrize("plot", plots(), ids=lambda plot: plot.name)
def test_every_gap_has_a_table(plot: Plot) -> None:
    gaps = re.findall(r"\{(\w+)", plot.text)
    assert {gap.lower().rstrip("23") for gap in gaps} | set(plot.hero.split()) <= TABLES


def test_who_is_a_girl_is_she() -> None:
    lost = next(plot for plot in plots() if plot.name == "learning takes time")
    dice = random.Random(2)
    for text in (story(lost, dice) for _ in range(100)):
        first, second = ("she", "he") if re.search(r"\bgirl\b", text) else ("he", "she")
        assert re.search(rf"\b{first}\b", text)
        assert not re.search(rf"\b{second}\b", text)


def test_a_choice_inside_a_choice() -> None:
    dice = random.Random(3)
    assert {choose("[a|[b|c]]d", dice) for _ in range(50)} == {"ad", "bd", "cd"}
    assert choose("no choice", dice) == "no choice"


def test_every_table_can_fill_three_gaps_of_a_story() -> None:
    assert all(len(places.split(", ")) == 3 for places in PLACES)
    tables = [group.names for group in (*PEOPLE.values(), *THINGS.values())] + [*WORDS.values(), PLACES]
    assert all(len(set(rows)) == len(rows) for rows in tables)
