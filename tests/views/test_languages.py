"""Translation is a folder of texts: whatever a language has, has the same parts as the first language's."""

import re
import string
import tomllib
from pathlib import Path

import pytest

from views.cards.card import words_of
from views.glossary import glossary, read_word, words_in
from views.lessons import FIRST, LANGUAGES, LESSONS, Lesson, furniture, lesson, read_text
from views.phrases import phrases, several

OTHERS = [one for one in LANGUAGES if one != FIRST]


def texts(ending: str) -> list[tuple[str, str]]:
    """Every file of every other language: the language, and the path below its folder."""
    found = [(one, path) for one in OTHERS for path in sorted((LESSONS / one).rglob(f"*.{ending}"))]
    return [(one, path.relative_to(LESSONS / one).with_suffix("").as_posix()) for one, path in found]


TEXTS = texts("md")
CARDS = [(language, name.split("/")[1]) for language, name in TEXTS if name.startswith("cards/")]
PAGES = [(one, name) for one, name in TEXTS if not name.startswith("cards/") and name != "glossary"]
PHRASES = [(language, name) for language, name in texts("toml") if name != "furniture"]


def names_in(text: str) -> set[tuple[str, str]]:
    """What is put into a text, and how it is written there."""
    return {(name, how) for _, name, how, _ in string.Formatter().parse(text) if name}


def explained_in(words: Lesson, language: str) -> set[int]:
    """The words of the glossary that a page explains, by their line there."""
    text = "\n".join((words.introduction, words.notice, words.truths))
    return {lines_of(language).index(word.term) for word in words_in(text, language)}


def lines_of(language: str) -> list[str]:
    """The terms of a glossary in the order of its lines."""
    lines = read_text("glossary", language).splitlines()
    return [read_word(line).term for line in lines if line.startswith("- ")]


def test_there_is_a_second_language_with_three_pages():
    assert {("de", "home"), ("de", "tokenizer"), ("de", "attention")} <= set(PAGES)
    for page in ("tokenizer", "attention"):  # with all of their views
        views = {f"{page}/{path.stem}" for path in (LESSONS / FIRST / page).glob("*.md")}
        assert {("de", view) for view in views} <= set(PAGES)


@pytest.mark.parametrize(("language", "name"), TEXTS)
def test_nothing_is_translated_that_is_not_there(language: str, name: str):
    assert (LESSONS / FIRST / f"{name}.md").exists()
    assert read_text(name, language) != read_text(name, FIRST)


@pytest.mark.parametrize(("language", "page"), PAGES)
def test_a_page_has_the_same_parts(language: str, page: str):
    ours, first = lesson(page, language), lesson(page, FIRST)
    assert ours.question
    assert bool(ours.introduction) == bool(first.introduction)
    assert len(ours.introduction.split()) <= 60
    assert [one.sets for one in ours.tries] == [one.sets for one in first.tries]
    assert all(len(one.watch.split()) >= 4 for one in ours.tries)
    for part in ("introduction", "notice", "truths"):
        one, other = getattr(ours, part), getattr(first, part)
        assert names_in(one) == names_in(other)
        assert re.findall(r"^- ", one, re.MULTILINE) == re.findall(r"^- ", other, re.MULTILINE)
        assert re.findall(r"`[^`]+`", one) == re.findall(r"`[^`]+`", other)


@pytest.mark.parametrize(("language", "page"), PAGES)
def test_the_same_words_are_explained_on_hover(language: str, page: str):
    assert explained_in(lesson(page, language), language) == explained_in(lesson(page, FIRST), FIRST)


@pytest.mark.parametrize(("language", "key"), CARDS)
def test_a_card_has_the_same_parts(language: str, key: str):
    ours, first = words_of(key, language), words_of(key, FIRST)
    assert ours.title
    assert len(ours.predictions) == len(set(ours.predictions)) == len(first.predictions)
    for part in ("setting", "explanation", "otherwise"):
        assert bool(getattr(ours, part)) == bool(getattr(first, part))
        assert names_in(getattr(ours, part)) == names_in(getattr(first, part))


@pytest.mark.parametrize(("language", "page"), PHRASES)
def test_phrases_are_filled_with_the_same_numbers(language: str, page: str):
    ours, first = (
        tomllib.loads((LESSONS / one / f"{page}.toml").read_text(encoding="utf-8"))
        for one in (language, FIRST)
    )
    assert ours.keys() == first.keys()
    assert {name: names_in(text) for name, text in ours.items()} == {
        name: names_in(text) for name, text in first.items()
    }


@pytest.mark.parametrize("language", OTHERS)
def test_furniture_and_glossary_are_whole(language: str):
    assert furniture(language).keys() == furniture(FIRST).keys()
    assert all(
        names_in(text) == names_in(furniture(FIRST)[name]) for name, text in furniture(language).items()
    )
    assert len(lines_of(language)) == len(lines_of(FIRST))
    assert set(lines_of(language)) == {word.term for word in glossary(language).values()}


def test_what_is_not_translated_is_there_in_the_first_language():
    missing = {path.stem for path in (LESSONS / FIRST).glob("*.md")} - {name for _, name in TEXTS}
    assert missing
    for page in missing:
        assert lesson(page, "de") == lesson(page, FIRST)
    assert phrases("attention", "xx") == phrases("attention", FIRST)


def test_one_thing_has_its_own_form():
    assert several("tokenizer", "merges", 1) == "1 merge"
    assert several("tokenizer", "merges", 0) == "0 merges"


def test_no_view_reads_a_lesson_past_the_chosen_language():
    root = Path(__file__).parents[2]
    files = [*(root / "views").rglob("*.py"), *(root / "pages").rglob("*.py")]
    direct = {
        path.name for path in files if re.search(r"(?<!def )\blesson\(", path.read_text(encoding="utf-8"))
    }
    assert direct == {"ui.py"}  # its `words_of` asks for the language
