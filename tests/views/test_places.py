"""One of so many things: a slider's place survives other pages, clicks in pictures, and fewer things."""

import pytest
from streamlit.testing.v1 import AppTest

SCRIPT = """
import streamlit as st
from views import state

if st.session_state.get("shown", True):
    count = st.session_state.get("count", 18)
    if st.session_state["kind"] == "index":
        st.session_state["found"] = state.index_slider("Token", "token", count, 7)
    else:
        st.session_state["found"] = state.place_slider("Token", "token", count)
"""


def a_page(kind: str) -> AppTest:
    page = AppTest.from_string(SCRIPT)
    page.session_state["kind"] = kind
    return page.run()


def with_(page: AppTest, **state: object) -> int:
    """What is chosen after these things of the session were set."""
    for key, value in state.items():
        page.session_state[key] = value
    page.run()
    assert not page.exception
    return page.session_state["found"]


@pytest.mark.parametrize("kind", ["index", "place"])
def test_a_click_is_not_forgotten_for_what_stood_there_before_another_page(kind: str):
    page = a_page(kind)
    page.slider(key="token").set_value(6).run()
    with_(page, shown=False)  # another page, which has no such slider
    assert with_(page, shown=True) == 6
    assert with_(page, token=2) == 2  # a click in a picture
    assert with_(page, count=5) == 2  # a shorter prompt, which never had a token 6
    assert with_(page, count=9) == 2


@pytest.mark.parametrize("kind", ["index", "place"])
@pytest.mark.parametrize("count", [1, 2, 5, 18])
def test_what_is_no_longer_there_becomes_the_last(kind: str, count: int):
    page = a_page(kind)
    page.slider(key="token").set_value(17).run()
    assert with_(page, count=count) == count - 1
    assert with_(page, count=18) in (count - 1, 17)


@pytest.mark.parametrize("kind", ["index", "place"])
def test_a_link_to_what_is_not_there(kind: str):
    page = AppTest.from_string(SCRIPT)
    page.session_state["kind"], page.session_state["count"] = kind, 5
    page.query_params["token"] = "6"
    page.run()
    assert not page.exception
    assert 0 <= page.session_state["found"] <= 4


def test_one_thing_is_the_first_wherever_its_slider_stands():
    page = a_page("place")
    page.query_params["token"] = "1"  # the address is late: there were two things a moment ago
    assert with_(page, count=1, token=1) == 0
