import re
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data import sliding_windows, target_counts
from core.library import library
from core.pieces import Piece
from core.tokenizer import char_tokenizer, word_tokenizer
from views import window_sentences, windowing
from views.windowing import cut_up, epoch

SIZES = (st.integers(0, 40), st.integers(1, 8), st.integers(1, 10), st.integers(50, 100))


def pieces(count: int) -> tuple[Piece, ...]:
    return tuple(Piece(i, f" {i}".encode(), f" {i}", i, i + 1) for i in range(count))


@given(*SIZES)
def test_no_window_reaches_over_the_cut(count: int, length: int, stride: int, share: int) -> None:
    cut = cut_up(pieces(count), length, stride, share)
    assert all(start + length < cut.cut for start in cut.training)
    assert all(cut.cut <= start and start + length < count for start in cut.validation)
    assert len(cut.training) == len(sliding_windows(range(cut.cut), length, stride)[0])
    assert cut.counts().sum() == length * len(cut.starts)
    assert cut.counts().shape == (count,)


@given(*SIZES)
def test_a_click_on_a_token_leads_to_a_window_that_is_there(
    count: int, length: int, stride: int, share: int
) -> None:
    cut = cut_up(pieces(count), length, stride, share)
    for token in range(count):
        window = cut.holding(token)
        assert window == 0 or cut.starts[window] <= token
        if token in cut.starts:
            assert cut.starts[window] == token


def test_each_epoch_is_shuffled_anew_and_the_same_for_everybody() -> None:
    first, second = (epoch(20, 4, True, number) for number in (1, 2))
    assert first.tolist() != second.tolist()
    assert sorted(first.ravel()) == sorted(second.ravel()) == list(range(20))
    assert np.array_equal(first, epoch(20, 4, True, 1))
    assert epoch(20, 4, False, 3).ravel().tolist() == list(range(20))


@pytest.mark.parametrize(
    ("stride", "words"),
    [
        (4, "each token is a target once"),
        (1, "a token is a target up to 4 times"),
        (5, "1 token between two windows is no target"),
        (7, "3 tokens between two windows are no target"),
    ],
)
def test_a_stride_is_told_in_words(stride: int, words: str) -> None:
    assert words in window_sentences.stride_words(stride, 4, target_counts(40, 4, stride).numpy())
    assert window_sentences.stride_words(stride, 4, np.zeros(3, dtype=int)) == "no window fits"


def test_tokens_that_are_never_a_target_are_counted_where_they_stand() -> None:
    never = window_sentences.never_words
    assert never(np.array([0, 1, 1, 0, 0])) == (
        "3 training tokens are never a target: 1 before the first target, 2 after the last window."
    )
    assert never(np.array([0, 1, 0, 1])) == (
        "2 training tokens are never a target: 1 before the first target, 1 between windows."
    )
    assert never(np.array([0, 1])) == "1 training token is never a target: 1 before the first target."
    assert never(np.zeros(4, dtype=int)) is None
    assert never(np.zeros(0, dtype=int)) is None


@pytest.mark.parametrize("tokens", [0, 1, 2, 5, 30])
def test_what_a_text_gives_is_said_for_any_number_of_tokens(tokens: int) -> None:
    cut = cut_up(pieces(tokens), 4, 4, 100)
    said = f"{window_sentences.cut_sentence(cut)} {window_sentences.counts_sentence(cut)}"
    assert not re.search(r"\b1 (tokens|windows|examples|training tokens)\b", said)
    assert not re.search(r"(once|often|target) 0\b", said)


def test_sentences_say_what_is_too_short() -> None:
    cut = cut_up(pieces(5), 4, 4, 80)
    said = window_sentences.cut_sentence(cut)
    assert "4 tokens for training give no window: one of 4 needs 5 tokens" in said
    assert "1 window fills no batch" in window_sentences.batch_sentence(1, epoch(1, 2, False, 1), 4)
    assert "1 of 3 windows fills none and waits" in window_sentences.batch_sentence(
        3, epoch(3, 2, False, 1), 4
    )


def test_the_tokens_of_a_batch_are_its_windows() -> None:
    cut = cut_up(pieces(20), 3, 3, 100)
    names, places = windowing.batch_names(cut, [1, 0])
    assert places.tolist() == [[3, 4, 5, 6], [0, 1, 2, 3]]
    assert names[0] == ["·3", "·4", "·5", "·6"]


@pytest.mark.parametrize(
    "tokenizer", [char_tokenizer("the old king"), word_tokenizer("the duckling was so ugly")]
)
def test_a_library_text_is_read_as_far_as_the_model_knows_it(tokenizer) -> None:
    here = SimpleNamespace(tokenizer=tokenizer)
    for text in library():
        found = windowing.read(here, text)
        assert len(found) <= windowing.MOST_TOKENS
        assert all(piece.id < tokenizer.vocab_size for piece in found)
    assert windowing.read(here, "ugly-duckling")


@pytest.mark.parametrize("causal", [True, False])
def test_a_model_that_sees_the_answer_is_said_to(causal: bool) -> None:
    here = SimpleNamespace(model_name="A <model>", config=SimpleNamespace(causal=causal))
    assert ("sees the answer" in windowing.whose(here)) == (not causal)
    assert "\\<model\\>" in windowing.whose(here)
