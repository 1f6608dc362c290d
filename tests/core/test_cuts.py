from hypothesis import given
from strategies import TEXTS

from core.bpe import split_words
from core.cuts import in_common, inner_cuts, pieces_by_word
from core.tokenizer import char_tokenizer, from_merges, train_bpe

TEXT = "low lower lowest"
LEARNED = train_bpe(TEXT * 5, 262)


def test_cuts_between_words_are_no_choice():
    letters = char_tokenizer(TEXT).pieces(TEXT)
    assert inner_cuts(TEXT, letters) == set(range(1, len(TEXT))) - {3, 9}
    assert inner_cuts("", []) == set()


@given(TEXTS)
def test_pieces_of_words_are_all_pieces(text: str):
    pieces = LEARNED.pieces(text)
    cuts = inner_cuts(text, pieces)
    counted = pieces_by_word(text, cuts)
    assert [word for word, _ in counted] == split_words(text)
    whole = {piece.start for piece in pieces}  # a character of several tokens counts once
    assert sum(count for _, count in counted) == len(whole)


def test_what_is_in_common():
    assert in_common(set(), set()) == 1
    assert in_common({1, 2}, {1, 2}) == 1
    assert in_common({1, 2, 3}, {3, 4}) == 0.25
    bytes_alone = from_merges("none", [])
    assert in_common(inner_cuts(TEXT, bytes_alone.pieces(TEXT)), set()) == 0
