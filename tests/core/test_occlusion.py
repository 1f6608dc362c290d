import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from strategies import TEXTS, assert_near, lively

from core.classify import READS, Classifier
from core.config import TINY
from core.labelled import Padded, pad
from core.occlusion import MOST_WORDS, class_probs, left_out, occlusion, words_in

LENGTH, PAD = 8, 0


def encode(texts: list[str]) -> Padded:
    """A token a character, of 49 kinds; what is empty is one token of padding."""
    return pad([[1 + ord(sign) % 49 for sign in text] or [PAD] for text in texts], PAD, LENGTH)


def sorter(read: str, classes: int = 3) -> Classifier:
    return Classifier(lively(TINY), classes, read=read).eval()


@given(TEXTS)
def test_words_are_what_stands_between_white_space(text: str) -> None:
    words = words_in(text)
    assert [word.text for word in words] == text.split()
    assert all(text[word.start : word.end] == word.text for word in words)
    for number, word in enumerate(words):
        assert left_out(text, word).split() == [w for n, w in enumerate(text.split()) if n != number]


@given(TEXTS, st.sampled_from(READS))
def test_each_word_adds_what_is_missing_without_it(text: str, read: str) -> None:
    classifier = sorter(read)
    whole, added = occlusion(classifier, encode, text)
    words = words_in(text)
    assert added.shape == (len(words), 3)
    assert_near(whole, class_probs(classifier, encode([text]))[0])
    assert_near(added.sum(dim=1), torch.zeros(len(words)))  # probabilities add up to 1 with it and without
    for word, row in zip(words, added, strict=True):
        assert_near(whole - row, class_probs(classifier, encode([left_out(text, word)]))[0])


@pytest.mark.parametrize("read", READS)
def test_a_word_that_is_cut_off_adds_exactly_nothing(read: str) -> None:
    _, added = occlusion(sorter(read), encode, "abc defg never read")
    assert added[0].any()
    assert not added[2:].any()


def test_where_the_first_token_is_read_no_other_word_counts() -> None:
    _, added = occlusion(sorter("first"), encode, "a b c d")
    assert added[0].any()
    assert not added[1:].any()


def test_a_message_of_one_word_is_compared_with_padding_alone_and_an_empty_one_has_no_words() -> None:
    classifier = sorter("last")
    whole, added = occlusion(classifier, encode, " free ")
    assert_near(added[0], whole - class_probs(classifier, encode([""]))[0])
    assert occlusion(classifier, encode, "")[1].shape == (0, 3)


def test_a_very_long_message_ends_with_the_words_that_are_looked_at() -> None:
    assert len(occlusion(sorter("last"), encode, "word " * 20_000)[1]) == MOST_WORDS
