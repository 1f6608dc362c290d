"""Sentences with numbers: a count knows its noun, and a line that says nothing is left out."""

import pytest

from views.phrases import Count, count_of, fill, phrase


@pytest.mark.parametrize(
    ("count", "thing", "said"),
    [
        (0, "head", "0 heads"),
        (1, "head", "1 head"),
        (12_000, "head", "12,000 heads"),
        (1, "batch|batches", "1 batch"),
        (2, "batch|batches", "2 batches"),
        (1, "~is|are", "is"),
        (0, "~is|are", "are"),
        (1, "training window", "1 training window"),
        (3, "training window", "3 training windows"),
    ],
)
def test_a_count_knows_its_noun(count: int, thing: str, said: str):
    assert count_of(count, thing) == said


def test_without_a_noun_a_count_is_written_as_a_number():
    assert f"{Count(3059714)} {Count(3059714):d} {Count(5):02d} {Count(7):,}" == "3,059,714 3059714 05 7"


def test_a_line_whose_number_is_none_is_left_out():
    text = "- {a:token} here.\n- {b} there.\n- Always."
    assert fill(text, {"a": 1, "b": None}) == "- 1 token here.\n- Always."
    assert fill(text, {"a": 2, "b": 0.5}) == "- 2 tokens here.\n- 0.5 there.\n- Always."
    assert fill("{x}", {"x": "<b>"}) == "\\<b\\>"


def test_phrases_count_too():
    assert phrase("tokenizer", "after_merges", step=1) == "after 1 merge"
    assert phrase("tokenizer", "after_merges", step=0) == "after 0 merges"
