"""Sentences with numbers: one thing has its own form."""

from views.phrases import several


def test_one_thing_has_its_own_form():
    assert several("tokenizer", "merges", 1) == "1 merge"
    assert several("tokenizer", "merges", 0) == "0 merges"
