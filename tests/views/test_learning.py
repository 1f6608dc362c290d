"""A vocabulary stepped merge by merge, as the Tokenizer page shows it."""

import pytest

from core.bpe import apply_merge, learn_merges, merge_races, split_words
from core.merge_tree import trees_after
from core.tokenizer import load_tokenizer, train_bpe
from views.components.merge_tree import placed
from views.tokenizer import learning, word_tree
from views.tokenizer.learning import Learned, compression, pair_places, passage, split_with, step_sentence

TEXT = "the theme of the thesis is the theory of these things, aaaa aaab"


@pytest.fixture
def after(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(learning, "read_text", lambda _: TEXT)
    races = list(merge_races(TEXT, 60, 6))
    return lambda step: Learned("any", races, min(step, len(races) - 1))


def test_merges_split_as_the_trained_tokenizer_does():
    tokenizer = train_bpe(TEXT, 280)
    assert [p.bytes for p in split_with(TEXT, tokenizer.merges)] == [p.bytes for p in tokenizer.pieces(TEXT)]
    assert [p.id for p in split_with(TEXT, tokenizer.merges)] == tokenizer.encode(TEXT)


@pytest.mark.parametrize("step", [0, 1, 5, 20, 60])
def test_the_compression_curve_counts_the_tokens(after, step: int):
    now = after(step)
    assert compression(now)[now.step] == len(split_with(TEXT, now.merges))


@pytest.mark.parametrize("step", [0, 3, 10, 25])
def test_every_place_of_a_pair_is_one_token_less(after, step: int):
    now = after(step)
    tokens = [piece.bytes for piece in split_with(TEXT, now.merges)]
    for pair, count in now.pairs:
        places = pair_places(TEXT, now.merges, pair)
        assert len(places) == sum(
            len(parts) - len(apply_merge(parts, pair))
            for parts in ([p.bytes for p in split_with(word, now.merges)] for word in split_words(TEXT))
        )
        assert all((tokens[place], tokens[place + 1]) == pair for place in places)
        assert len(places) <= count  # a row of one letter holds more pairs than can be glued


def test_a_step_names_the_pair_its_count_and_the_number_of_the_token(after):
    now = after(0)
    (pair, count), sentence = now.pairs[0], step_sentence(now)
    assert learn_merges(TEXT, 1) == [pair]
    assert f"**{pair[0].decode()}** + **{pair[1].decode()}**, {count} times" in sentence
    assert "number 256" in sentence
    assert "Merge 8 makes" in step_sentence(after(7))
    last = after(60)
    assert not last.pairs
    assert "no pair is left" in step_sentence(last)
    assert passage(last) == (TEXT, 0)


def test_the_passage_is_where_the_pair_stands(monkeypatch: pytest.MonkeyPatch):
    text = "q w e r t y\n" * 60 + "zebra zebra zebra\n" * 30
    monkeypatch.setattr(learning, "read_text", lambda _: text)
    races = list(merge_races(text, 40, 3))
    for step in range(len(races) - 1):
        now = Learned("any", races, step)
        shown, start = passage(now)
        assert text[start : start + len(shown)] == shown
        assert pair_places(shown, now.merges, now.pairs[0][0])


def test_the_next_merge_of_the_race_is_the_newest_token(after):
    for step in range(1, 20):
        assert after(step).made == b"".join(after(step - 1).pairs[0][0])


def test_the_tree_is_drawn_with_leaves_in_order_and_parents_between_their_parts():
    nodes = placed(trees_after(" theme", learn_merges(TEXT, 30)))
    leaves = [one for one in nodes if not one.parts]
    assert [one.place for one in leaves] == list(range(6))
    assert b"".join(one.node.token for one in leaves) == b" theme"
    for number, one in enumerate(nodes):
        if one.parts:
            assert one.place == sum(nodes[part].place for part in one.parts) / 2
            assert all(part < number for part in one.parts)


def test_a_word_is_told_in_words():
    trees = trees_after(" theme", learn_merges(TEXT, 2))
    sentence = word_tree.told(" theme", trees, "after 2 merges")
    assert sentence.startswith("·theme is 6 bytes and 4 tokens after 2 merges: ")
    assert "2 merges built them" in sentence
    one = word_tree.trees_of(load_tokenizer("gpt2"), " daughter")
    assert "1 token for GPT-2" in word_tree.told(" daughter", one, "for GPT-2")


def test_the_words_of_a_text_are_offered_once_and_can_be_read_back():
    words = word_tree.words_of("the king\nthe  king, 1812")
    assert words == ["the", "·king", ",", "·1812"]
    assert "".join(map(word_tree.unseen, words)) == "the king, 1812"
    assert words[word_tree.longest(words)] in ("·king", "·1812")
    assert word_tree.words_of("") == ["·daughter"]
    assert word_tree.first_bytes("é" * 40) == ("é" * 14, True)
    assert word_tree.first_bytes("abc") == ("abc", False)
