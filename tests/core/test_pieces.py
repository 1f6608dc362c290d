from hypothesis import given
from hypothesis import strategies as st

from core.pieces import byte_pieces, without_surrogates


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_whole_characters_stay(text: str) -> None:
    assert without_surrogates(text) == text


def test_two_halves_that_belong_together_are_one_character() -> None:
    assert without_surrogates("\ud83d\ude00") == "😀"
    assert without_surrogates("\ude00\ud83d") == "\ufffd\ufffd"


def test_a_token_may_span_and_split_characters() -> None:
    pieces = byte_pieces("aé🙂", [1, 2, 3], [b"a\xc3", b"\xa9\xf0\x9f", b"\x99\x82"])
    assert [(piece.start, piece.end) for piece in pieces] == [(0, 2), (1, 3), (2, 3)]
    assert pieces[0].text == "a\ufffd"
