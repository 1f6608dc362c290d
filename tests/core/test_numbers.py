"""Token ids written as numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.numbers import NumberTokenizer

TOKENIZER = NumberTokenizer(256)


@given(st.lists(st.integers(0, 255)))
def test_ids_come_back(ids: list[int]) -> None:
    assert TOKENIZER.encode(TOKENIZER.decode(ids)) == ids


@given(st.text())
def test_what_is_known_of_any_text_can_be_encoded(text: str) -> None:
    known = TOKENIZER.only_known(text)
    pieces = TOKENIZER.pieces(known)
    assert [known[piece.start : piece.end] for piece in pieces] == [piece.text for piece in pieces]


@pytest.mark.parametrize("text", ["king", "256", "-1", "1.5", "9" * 5000, "٣"])
def test_what_is_no_id_is_refused_with_the_rule(text: str) -> None:
    with pytest.raises(ValueError, match="from 0 to 255"):
        TOKENIZER.encode(f"17 {text}")
    assert TOKENIZER.only_known(f"17 {text}, 4") == "17 4"


def test_an_id_outside_the_vocabulary_is_refused() -> None:
    with pytest.raises(ValueError, match="0 to 255"):
        TOKENIZER.decode([256])
