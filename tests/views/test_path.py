"""The path in the address: it may hold anything."""

import pytest

from views.state.path import MOST, read_path


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
def test_what_can_be_read_is_read_and_no_more(text: str, ids: tuple[int, ...]) -> None:
    assert read_path(text) == ids
