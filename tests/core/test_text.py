from core.text import decode_text


def test_an_empty_file_is_an_empty_text():
    assert decode_text(b"") == ("", "")
