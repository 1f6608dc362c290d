"""The Windows page: each control and each Try, on real input, without a browser."""

import re

import pytest

from core.data import sliding_windows
from runs import storyteller
from tests.pages.conftest import open_page, shown_text
from views.lessons import lesson
from views.phrases import count_of
from views.state.linked import FIRST_PROMPT

PAGE = "pages/text/windows.py"


def windows(**state: object):
    page = open_page(PAGE, **state)
    assert not page.exception
    assert not page.error
    return page


def training_windows(page) -> int:
    return int(re.search(r"tokens for training give (\d+) window", shown_text(page)).group(1))


def test_the_numbers_are_those_of_sliding_windows():
    ids = storyteller.tokenizer().encode(FIRST_PROMPT)
    page = windows(windows_share=100)
    for length, stride in ((4, 4), (1, 1), (3, 2), (2, 9)):
        page.slider(key="windows_length").set_value(length)
        page.slider(key="windows_stride").set_value(stride).run()
        expected = len(sliding_windows(ids, length, stride)[0])
        assert training_windows(page) == expected
        assert f"{expected} training windows make {expected * length}" in shown_text(page)


@pytest.mark.parametrize("number", range(4))
def test_a_try_sets_its_controls_and_says_what_to_watch(number: int):
    page = windows()
    page.button(key=f"windows_try_{number}").click().run()
    assert not page.exception
    assert lesson("windows").tries[number].watch in shown_text(page)


def test_what_the_tries_promise_comes_true():
    assert "never a target 8, once 8" in shown_text(windows(windows_stride=7))
    assert "at most 4 times" in shown_text(windows(windows_stride=1))
    assert "Shuffled with seed 123" in shown_text(windows(windows_text="ugly-duckling", windows_shuffle=True))


@pytest.mark.parametrize("prompt", ["", "a"])
def test_a_text_that_is_too_short_gets_a_sentence(prompt: str):
    page = windows(prompt=prompt)
    assert f"The text has {count_of(len(prompt), 'token')}" in page.info[0].value
    assert "no window: one of 4 needs 5 tokens" in shown_text(page)
    assert "nothing would be learned" in shown_text(page)


def test_a_window_that_a_longer_stride_leaves_out_becomes_the_last():
    page = windows(windows_stride=1, windows_window=11)
    page.slider(key="windows_stride").set_value(9).run()
    assert not page.exception
    assert page.slider(key="windows_window").value == 2
