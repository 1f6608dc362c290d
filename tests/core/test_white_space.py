import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.white_space import cut_white_space, encode_in_parts


@given(st.text(" \n\u3000a", max_size=40))
def test_only_long_white_space_is_cut_and_nothing_is_lost(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.white_space.LONGEST_WHITE_SPACE", 3)
        parts = cut_white_space(text)
    assert "".join(parts) == text
    assert not any(re.search(r"\s{4}", part) for part in parts)
    assert len(parts) == 1 + sum((len(run) - 1) // 3 for run in re.findall(r"\s+", text))


def test_a_text_that_no_cut_helps_is_refused_and_other_errors_are_kept() -> None:
    def panic(text: str) -> list[int]:
        raise type("PanicException", (BaseException,), {})

    def stop(text: str) -> list[int]:
        raise KeyboardInterrupt

    with pytest.raises(ValueError, match="this text of 3 characters cannot be split into tokens"):
        encode_in_parts(panic, "odd")
    with pytest.raises(KeyboardInterrupt):
        encode_in_parts(stop, "odd")
