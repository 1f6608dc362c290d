"""Rows 11, 43 to 46, without a browser: names, addresses and files that mean harm, as a page shows them."""

from pathlib import Path
from uuid import uuid4

import pytest

from tests.pages.conftest import open_page, shown_text
from tests.pages.test_bring import mine, model_of, open_bring, ours, press, words
from views.state.path import MOST, read_path


def test_44_a_model_of_the_url_that_is_not_there_is_said():
    for key in ("../../etc/passwd", "f" * 32, "'; DROP TABLE runs; --", "x" * 10_000):
        page = open_page("pages/model/attention.py", model=key)
        assert not page.exception
        assert "not on this server" in shown_text(page)


HOSTILE = "<b>x</b> $y^2$ :material/home: [a](b) `c` <img src=x>"


def test_46_an_exe_named_pth_is_one_sentence_that_lists_nothing(person: str):
    page = open_bring(person)
    page.file_uploader[0].upload("model.pth", b"MZ\x90\x00" + bytes(100))
    press(page.run())
    assert "holds no weights" in words(page)
    assert mine(person) == []
    assert page.file_uploader[0].value  # it stays


def test_11_and_43_a_hostile_name_is_only_a_name_and_can_be_changed(person: str, tmp_path: Path):
    model_id = model_of(person, ours(tmp_path / "a.safetensors"))
    page = open_bring(person, model=model_id)
    page.text_input(key=f"bring_name_{model_id}").set_value(HOSTILE)
    press(page, "Save")
    assert mine(person) == [HOSTILE]
    assert "\\<img" in shown_text(page)  # with the sign escaped that would make it a picture
    assert " <img" not in shown_text(page)
    assert HOSTILE[:30] in words(page)


def test_45_nobody_sees_anothers_list_but_a_link_works(person: str, tmp_path: Path):
    model_id = model_of(person, ours(tmp_path / "a.safetensors"))
    other = open_bring(uuid4().hex)
    assert "a.safetensors" not in words(other)
    assert all("a.safetensors" not in option for box in other.selectbox for option in box.options)
    linked = open_bring(uuid4().hex, model=model_id)
    assert linked.session_state["here"].choice.label == "A model that was brought: Glassbox, 2 × 2 × 16"
    assert "a.safetensors" not in words(linked)
    assert "Delete" not in [button.label for button in linked.button]


@pytest.mark.parametrize("key", ["../..", "f" * 32, "' OR 1=1 --", "a" * 10_000])
def test_44_a_brought_model_of_the_url_that_is_not_there_is_said(person: str, key: str):
    assert "not on this server" in words(open_bring(person, model=key))


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("", ()),
        ("5", (5,)),
        ("12.345.7", (12, 345, 7)),
        ("12.x.7", (12,)),
        ("12..7", (12,)),
        ("-3", ()),
        ("1e3", ()),
        ("٣", ()),
        ("²", ()),
        ("1." * 10**5, (1,) * MOST),
        ("9" * 10**5, ()),
        ("99999999", ()),
        ("5;DROP TABLE", ()),
    ],
)
def test_44_what_can_be_read_of_a_path_is_read_and_no_more(text: str, ids: tuple[int, ...]) -> None:
    assert read_path(text) == ids
