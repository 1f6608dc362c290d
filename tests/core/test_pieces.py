from hypothesis import given
from hypothesis import strategies as st

from core.pieces import byte_pieces, count_surrogates, without_surrogates

HALVES = st.text(
    st.one_of(st.characters(categories=["Cs"]), st.sampled_from("aé🙂\ufeff\ufffe")), max_size=12
)


@given(HALVES)
def test_what_is_replaced_is_what_is_counted(text: str) -> None:
    whole = without_surrogates(text)
    whole.encode()
    assert whole.count("\ufffd") == count_surrogates(text)
    assert without_surrogates(whole) == whole
    assert count_surrogates(whole) == 0


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_whole_characters_stay(text: str) -> None:
    assert without_surrogates(text) == text
    assert count_surrogates(text) == 0


def test_two_halves_that_belong_together_are_one_character() -> None:
    assert without_surrogates("\ud83d\ude00") == "😀"
    assert count_surrogates("\ud83d\ude00") == 0
    assert count_surrogates("\ude00\ud83d") == 2


def test_a_token_may_span_and_split_characters() -> None:
    pieces = byte_pieces("aé🙂", [1, 2, 3], [b"a\xc3", b"\xa9\xf0\x9f", b"\x99\x82"])
    assert [(piece.start, piece.end) for piece in pieces] == [(0, 2), (1, 3), (2, 3)]
    assert pieces[0].text == "a\ufffd"
