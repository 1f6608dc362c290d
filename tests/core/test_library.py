import pytest

from core.library import library, read_text


def test_every_text_of_the_library_can_be_read() -> None:
    assert library()
    for key, text in library().items():
        assert text.key == key
        assert text.title
        assert text.licence
        assert len(read_text(key)) > 1000


def test_a_text_that_is_not_there_is_refused_with_the_keys() -> None:
    for key in ("nothing", "../../../etc/passwd", ""):
        with pytest.raises(ValueError, match=next(iter(library()))):
            read_text(key)
