"""Translation is a folder of texts: whatever a language has, has the same parts as the first language's."""

import string
import tomllib

import pytest

from views.cards.card import words_of
from views.glossary import glossary
from views.lessons import FIRST, LANGUAGES, LESSONS, furniture, lesson, read_text

OTHERS = [one for one in LANGUAGES if one != FIRST]
TEXTS = [
    (language, path.relative_to(LESSONS / language).with_suffix("").as_posix())
    for language in OTHERS
    for path in sorted((LESSONS / language).rglob("*.md"))
]
PAGES = [(language, name) for language, name in TEXTS if "/" not in name and name != "glossary"]
CARDS = [(language, name.split("/")[1]) for language, name in TEXTS if name.startswith("cards/")]


def names_in(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_there_is_a_second_language_with_three_pages():
    assert {("de", "home"), ("de", "tokenizer"), ("de", "attention")} <= set(PAGES)


@pytest.mark.parametrize(("language", "name"), TEXTS)
def test_nothing_is_translated_that_is_not_there(language: str, name: str):
    assert (LESSONS / FIRST / f"{name}.md").exists()
    assert read_text(name, language) != read_text(name, FIRST)


@pytest.mark.parametrize(("language", "page"), PAGES)
def test_a_page_has_the_same_parts(language: str, page: str):
    ours, first = lesson(page, language), lesson(page, FIRST)
    assert len(ours.introduction.split()) <= 60
    assert [set(one.sets) for one in ours.tries] == [set(one.sets) for one in first.tries]
    assert names_in(ours.notice) == names_in(first.notice)
    assert bool(ours.truths) == bool(first.truths)
    assert ours.truths.count("\n- ") == first.truths.count("\n- ")


@pytest.mark.parametrize(("language", "key"), CARDS)
def test_a_card_has_the_same_parts(language: str, key: str):
    ours, first = words_of(key, language), words_of(key, FIRST)
    assert len(ours.predictions) == len(first.predictions)
    assert names_in(ours.explanation) == names_in(first.explanation)
    assert names_in(ours.otherwise) == names_in(first.otherwise)


@pytest.mark.parametrize("language", OTHERS)
def test_furniture_and_glossary_are_whole(language: str):
    assert furniture(language).keys() == furniture(FIRST).keys()
    terms = [{word.term for word in glossary(one).values()} for one in (language, FIRST)]
    assert len(terms[0]) == len(terms[1])


def test_what_is_not_translated_is_there_in_the_first_language():
    missing = {path.stem for path in (LESSONS / FIRST).glob("*.md")} - {name for _, name in PAGES}
    page = sorted(missing - {"glossary"})[0]
    assert lesson(page, "de") == lesson(page, FIRST)


def test_every_furniture_file_is_toml():
    for language in LANGUAGES:
        assert tomllib.loads((LESSONS / language / "furniture.toml").read_text(encoding="utf-8"))
