import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text import decode_text

PLAIN = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufffd\ufeff"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@given(text=PLAIN)
def test_every_unicode_file_reads_as_it_was_written(encoding: str, text: str):
    assert decode_text(text.encode(encoding)) == (text, "")


def test_big_endian_with_its_mark():
    assert decode_text(b"\xfe\xff" + "Grüße".encode("utf-16-be")) == ("Grüße", "")


def test_a_few_bad_bytes_are_replaced_and_counted():
    text, notice = decode_text(b"a long enough text with one b\xe4d byte")
    assert text.count("\ufffd") == 1
    assert notice.startswith("1 characters")


@pytest.mark.parametrize("raw", [b"\x7fELF\x02\x01\x00\x00", bytes(range(128, 256)) * 4])
def test_what_is_no_text_is_refused(raw: bytes):
    with pytest.raises(ValueError, match=r"text|UTF-8"):
        decode_text(raw)


def test_an_empty_file_is_an_empty_text():
    assert decode_text(b"") == ("", "")
