"""The Tokenizer page, view by view."""

import pytest

from core.bpe import merge_races
from core.library import library, read_text
from core.tokenizer import load_tokenizer
from tests.pages.conftest import open_page, shown_text
from views.lessons import lesson
from views.tokenizer.encodings import LARGE

TOKENIZER = "pages/text/tokenizer.py"
LANGUAGES, LEARN = "languages", "learn a vocabulary"


def view(name: str, **state: object):
    page = open_page(TOKENIZER, tokenizer_view=name, **state)
    assert not page.exception
    assert not page.error
    return page


def plain(page) -> str:
    return shown_text(page).replace("\\", "")


@pytest.mark.parametrize("name", LARGE)
def test_a_large_vocabulary_is_there_when_asked_for(name: str):
    page = open_page(TOKENIZER, tokenizer_encoding=name)
    assert not page.exception
    assert {"GPT-4": "100,277", "GPT-4o": "200,019"}[name] in shown_text(page)
    assert not view(LANGUAGES, tokenizer_cut_by=name).exception


def test_the_linked_token_tells_its_number_and_its_bytes():
    page = open_page(TOKENIZER, token=7)
    number = load_tokenizer("gpt2").encode(" king")[0]
    assert f"**·king** is token 7 of 21: number **{number}**, 5 bytes: `20 6b 69 6e 67`" in plain(page)


@pytest.mark.parametrize("number", range(4))
def test_each_try_shows_what_it_promises(number: int):
    page = open_page(TOKENIZER)
    page.button(key=f"tokenizer_try_{number}").click().run()
    assert not page.exception
    sets = lesson("tokenizer").tries[number].sets
    assert page.session_state["tokenizer_view"] == sets["tokenizer_view"]


def test_a_word_nobody_knows_is_refused_and_cured():
    page = open_page(TOKENIZER)
    page.button(key="tokenizer_try_0").click().run()
    assert "blorptastic" in page.warning[0].value
    page.toggle(key="tokenizer_unknown").set_value(True).run()
    assert not page.warning
    assert "tokens from a vocabulary" in plain(page)


@pytest.mark.parametrize("key", ["moby-dick", "hamlet"])
def test_the_race_is_that_of_the_chosen_text(key: str):
    page = view(LEARN, tokenizer_corpus=key, tokenizer_merges=12)
    (left, right), count = list(merge_races(read_text(key), 12, 1))[12].pairs[0]
    told = " + ".join(f"**{part.decode().replace(' ', '·')}**" for part in (left, right))
    assert f"the most frequent pair is {told}, {count:,} times. Merge 13" in plain(page)
    assert library()[key].title in plain(page)


def test_merges_go_forward_and_back_one_by_one():
    page = view(LEARN, tokenizer_merges=0)
    assert page.button(key="tokenizer_back").disabled
    page.button(key="tokenizer_merge").click().run()
    assert page.slider(key="tokenizer_merges").value == 1
    assert "Merge 2 makes" in plain(page)
    page.button(key="tokenizer_back").click().run()
    assert page.slider(key="tokenizer_merges").value == 0
    page.slider(key="tokenizer_merges").set_value(400).run()
    assert page.button(key="tokenizer_merge").disabled


@pytest.mark.parametrize("word", ["·king", "unbelievable", "👩‍👩‍👧", "é" * 40, "<b>", "a b\nc", ""])
@pytest.mark.parametrize("whose", ["this vocabulary", "GPT-2"])
def test_any_word_has_its_tree(word: str, whose: str):
    page = view(LEARN, tokenizer_word=word, tokenizer_tree=whose)
    assert "n-th merge" in plain(page)


@pytest.mark.parametrize("name", [LANGUAGES, LEARN])
@pytest.mark.parametrize("prompt", ["", "a", "   \n\n  ", "<b>$x$</b> é 👩‍👩‍👧", "a" * 100_000])
def test_any_text_in_any_view(name: str, prompt: str):
    view(name, prompt=prompt)


@pytest.mark.parametrize("language", ["English", "Hindi", "Python code"])
def test_a_sentence_is_counted(language: str):
    from core.library import languages

    text = languages()[language].strip("\n")
    count = len(load_tokenizer("gpt2").encode(text))
    page = view(LANGUAGES, tokenizer_language=language)
    assert f"{len(text.encode())} bytes, {count} tokens" in plain(page)


def test_words_refuse_a_sentence_in_words():
    assert view(LANGUAGES, tokenizer_cut_by="words").warning
