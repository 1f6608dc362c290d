import re
from collections import Counter

import pytest

from core.class_data import CLASS_DATA, EACH, LONGEST, NOVELS, SHORTEST, novel_sentences, read_class_data
from core.class_data import sentences as sentences_of
from core.labelled import balanced, split
from core.library import read_text


@pytest.mark.parametrize("key", CLASS_DATA)
def test_each_set_has_two_classes_with_enough_texts_and_says_whose_it_is(key: str) -> None:
    data, about = read_class_data(key), CLASS_DATA[key]
    assert len(data.classes) == 2
    assert min(data.labels.count(k) for k in range(2)) >= 300
    assert len(set(data.texts)) == len(data.texts)
    assert all(text == text.strip() and "\n" not in text for text in data.texts)
    assert about.title
    assert about.source
    assert about.licence
    assert all(set(part.labels) == {0, 1} for part in split(balanced(data)))


def test_the_novels_are_even_whole_sentences_of_the_library() -> None:
    data = novel_sentences()
    assert data.classes == tuple(NOVELS) == ("Austen", "Melville")
    assert [data.labels.count(k) for k in range(2)] == [EACH, EACH]
    assert all(SHORTEST <= len(text.split()) <= LONGEST for text in data.texts)
    assert not any(re.search("CHAPTER|VOLUME", text) for text in data.texts)
    assert not any(re.search("negro|savage|cannibal", text, re.IGNORECASE) for text in data.texts)
    assert all(text.endswith((".", "!", "?")) for text in data.texts)
    first = data.texts[data.labels.index(1)]
    assert re.sub(r"\W+", " ", first) in re.sub(r"\W+", " ", read_text("moby-dick").replace("’", "'"))


def test_only_the_words_tell_who_wrote_a_sentence() -> None:
    """A model would else learn how a book was printed: curly quotation marks are Melville's alone."""
    characters = [set(), set()]
    data = novel_sentences()
    for text, label in zip(data.texts, data.labels, strict=True):
        characters[label] |= set(text)
    assert not [mark for mark in '“”"‘’—_*' if mark in characters[0] | characters[1]]


def test_the_first_word_tells_nothing() -> None:
    """Who reads the first token alone has nothing to go by."""
    data = novel_sentences()
    firsts = [Counter(), Counter()]
    for text, label in zip(data.texts, data.labels, strict=True):
        firsts[label][text.split()[0]] += 1
    assert firsts[0] == firsts[1]
    assert len(firsts[0]) > 50


def test_a_seed_draws_the_same_sentences_and_another_others() -> None:
    assert novel_sentences(1) == novel_sentences(1) != novel_sentences(2)


def test_sentences_end_at_their_ends_and_not_at_a_title() -> None:
    text = (
        'CHAPTER 1. Loomings.\n\n“Mr. Elton came! He sat," said St. John. Did A. B. go?\n\nHeading\nYes--no.'
    )
    assert sentences_of(text) == [
        "Mr. Elton came!",
        "He sat, said St. John.",
        "Did A. B. go?",
        "Yes - no.",
    ]


def test_spam_tells_nobodys_number_and_has_nothing_crude() -> None:
    data = read_class_data("spam")
    assert data.classes == ("ham", "spam")
    ham = [text for text, label in zip(data.texts, data.labels, strict=True) if not label]
    assert not [text for text in ham if re.search(r"\d{7}|\w@\w+\.", text)]
    assert not [text for text in data.texts if re.search("sex|fuck|porn|naked|bitch", text, re.IGNORECASE)]
    assert not [text for text in data.texts if "&lt;" in text or "\t" in text]


def test_a_set_that_there_is_not_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match="'tweets': choose one of novels, spam"):
        read_class_data("tweets")
