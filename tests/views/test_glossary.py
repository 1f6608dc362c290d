"""The glossary: every word means one thing, and a text only gains links."""

import re

import pytest

from views.glossary import explained, glossary, read_word, words_in
from views.lessons import LESSONS, read_text

LINK = re.compile(r'\[([^\]]*)\]\(#words "[^"]*"\)')


def lines() -> list[str]:
    return [line for line in read_text("glossary").splitlines() if line.startswith("- ")]


def test_every_form_has_one_meaning_that_fits_into_a_hover():
    forms = [form.lower() for line in lines() for form in read_word(line).forms]
    assert len(forms) == len(set(forms))
    assert len(lines()) >= 40
    for word in glossary().values():
        assert word.meaning.endswith(".")
        assert 5 <= len(word.meaning.split()) <= 30
        assert not set('"[]{}`$') & set(word.meaning)


@pytest.mark.parametrize("path", sorted(LESSONS.glob("*.md")), ids=lambda path: path.stem)
def test_a_text_stays_what_it_was(path):
    text = path.read_text(encoding="utf-8")
    linked = explained(text)
    assert LINK.sub(r"\1", linked) == text
    found = [link.lower() for link in LINK.findall(linked)]
    assert len(found) == len({glossary()[one].term for one in found})  # each word once


def test_a_word_is_explained_where_it_comes_first():
    linked = explained("A token, then **tokens** again.")
    assert linked.startswith("A [token](#words ")
    assert linked.endswith("then **tokens** again.")


@pytest.mark.parametrize(
    "kept", ["`softmax`", "{token}", "[softmax](https://example.org)", "$softmax$", "tokenizer"]
)
def test_code_links_and_numbers_to_come_are_left_alone(kept: str):
    assert explained(f"see {kept}") == f"see {kept}"
    assert words_in(f"see {kept}") == []


def test_a_page_lists_the_words_that_it_uses():
    assert [word.term for word in words_in("Shortcuts, tokens and one token")] == [
        "residual connection",
        "token",
    ]
