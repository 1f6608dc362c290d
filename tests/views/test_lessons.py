import string

import pytest

from views.lessons import LESSONS, lesson
from views.road import ROAD

PAGES = [
    station.file.split("/")[-1].removesuffix(".py") for stations in ROAD.values() for station in stations
]


@pytest.mark.parametrize("page", PAGES)
def test_a_lesson_asks_says_little_and_closes_its_braces(page: str):
    words = lesson(page)
    assert words.question.endswith(("?", "."))
    assert 5 <= len(words.introduction.split()) <= 60
    assert len(words.tries) <= 4
    list(string.Formatter().parse(words.notice))  # raises for a brace that is open


@pytest.mark.parametrize("page", PAGES)
def test_a_try_button_says_what_to_watch_and_sets_something(page: str):
    for one in lesson(page).tries:
        assert one.label
        assert len(one.watch.split()) >= 4
        assert one.sets


def test_every_lesson_has_its_page():
    assert {path.stem for path in LESSONS.glob("*.md")} == {*PAGES, "glossary"}
