import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.excerpts import excerpts, starts, whole_windows
from core.library import read_text


def letters(text: str) -> list[int]:
    return [ord(letter) for letter in text]


def read(window: torch.Tensor) -> str:
    return "".join(map(chr, window.tolist()))


@given(st.text("ab ", max_size=400), st.integers(1, 12), st.integers(1, 6))
def test_every_window_stands_in_the_text(text: str, length: int, count: int) -> None:
    windows = excerpts(letters, text, length, count)
    assert len(windows) <= count
    assert all(read(window) in text for window in windows)
    assert windows.shape[1] == length or len(windows) == 1
    assert bool(len(windows)) == bool(text) or len(text) > 8 * length * count


def test_a_long_text_is_read_from_its_beginning_to_its_end() -> None:
    text = read_text("grimm")
    windows = excerpts(letters, text, 64, 40)
    assert windows.shape == (40, 64)
    assert text.startswith(read(windows[0]))
    found = [text.index(read(window)) for window in windows]
    assert found == sorted(found)
    assert found[-1] > 0.99 * len(text) - 8 * 64
    gaps = torch.tensor(found).diff()
    assert gaps.max() < 1.1 * len(text) / 39
    assert all(read(window)[0] == " " for window in windows[1:])  # each starts a word


def test_a_short_text_is_read_whole() -> None:
    assert excerpts(letters, "abcdefg", 3, 9).tolist() == [letters("abc"), letters("def")]
    assert excerpts(letters, "ab", 3, 9).tolist() == [letters("ab")]
    assert excerpts(letters, "", 3, 9).shape == (0, 3)
    assert whole_windows([1, 2, 3], 3).shape == (1, 3)


def test_a_text_without_spaces_is_cut_anywhere() -> None:
    assert starts("a" * 100, 10, 3) == [0, 45, 90]


def test_a_text_that_the_tokenizer_hardly_knows_gives_few_windows() -> None:
    def vowels(text: str) -> list[int]:
        return [ord(letter) for letter in text if letter in "z"]

    assert excerpts(vowels, "zz " + "b " * 1000, 4, 5).shape == (0, 4)


@pytest.mark.parametrize("length", [0, -1])
def test_a_window_needs_a_length(length: int) -> None:
    with pytest.raises(ValueError, match="length"):
        excerpts(letters, "abc", length, 1)
