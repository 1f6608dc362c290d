import pytest

from core.library import ALPHABET, TEXTS, library, read_text, repeated_letters


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


def test_a_text_is_a_file_or_made_by_a_function() -> None:
    made = [text.key for text in library().values() if not (TEXTS / text.file).is_file()]
    assert made == ["repeats"]
    assert list(library())[-1] == "repeats"  # after everything that people have written


def test_each_line_of_the_made_text_is_one_random_string_several_times() -> None:
    lines = read_text("repeats").splitlines()
    strings = []
    for line in lines:
        period = (line + line).index(line, 1)  # the shortest step at which the line comes again
        assert len(set(line[:period])) == period  # no letter twice: one place to look it up
        assert 3 <= period <= 16
        assert 3 <= len(line) // period <= 6
        strings.append(line[:period])
    assert set("".join(strings)) == set(ALPHABET)
    assert len({len(string) for string in strings}) == 14  # no fixed step back finds the answer
    assert len(set(strings)) > 0.9 * len(strings)  # and hardly one could be learned by heart


def test_the_made_text_is_always_the_same_and_of_the_length_asked_for() -> None:
    assert read_text("repeats") == repeated_letters()
    assert 100_000 <= len(repeated_letters()) < 100_100
    assert repeated_letters().startswith(repeated_letters(1000))
    assert repeated_letters(seed=1) != repeated_letters(seed=2)
