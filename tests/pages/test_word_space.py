"""The Tokenizer and Embeddings pages with what is loaded only when asked for."""

import pytest

from core.library import library
from tests.pages.conftest import open_page, shown_text
from views.encodings import LARGE
from views.word_space import LABEL

EMBEDDINGS, TOKENIZER = "pages/text/embeddings.py", "pages/text/tokenizer.py"


def words(**state: object):
    page = open_page(EMBEDDINGS, embeddings_table=LABEL, **state)
    assert not page.exception
    assert not page.error
    return page


def test_words_are_offered_with_their_notice():
    page = words()
    text = shown_text(page)
    assert "SmolLM2-135M" in text
    assert "Apache License 2.0" in text
    assert "king − man + woman ≈ **queen**" in text
    page.button(key="embeddings_sum_1").click().run()
    assert "walked − walk + jump ≈ **jumped**" in shown_text(page)
    assert page.text_input(key="embeddings_start").value == "walked"


def test_what_direction_1_tells_is_said_and_can_be_left_in():
    page = words(embeddings_word="war", embeddings_word_rest=False)
    assert "rank correlation 0.8" in shown_text(page)
    assert "≈ **queen**" in shown_text(page)


@pytest.mark.parametrize("bad", ["blorptastic", "<script>", "", "王"])
def test_a_word_that_is_not_there_is_said(bad: str):
    text = shown_text(words(embeddings_word=bad, embeddings_minus=bad))
    assert text.count("is not among the 5,000 words") == 2


@pytest.mark.parametrize("isolated", [30, 1000])
def test_words_can_be_isolated_in_both_maps(isolated: int):
    page = words(embeddings_isolate=isolated, embeddings_word_3d=True, embeddings_word_by="euclid")
    assert f"{isolated + 1:,} words. These 3 directions" in shown_text(page)


@pytest.mark.parametrize("name", LARGE)
def test_a_large_vocabulary_is_there_when_asked_for(name: str):
    page = open_page(TOKENIZER, tokenizer_encoding=name)
    assert not page.exception
    assert {"GPT-4": "100,277", "GPT-4o": "200,019"}[name] in shown_text(page)


@pytest.mark.parametrize("key", ["moby-dick", "hamlet"])
def test_a_text_says_whose_it_is_and_how_long(key: str):
    page = open_page(TOKENIZER, tokenizer_corpus=key)
    assert not page.exception
    assert library()[key].about in shown_text(page)
