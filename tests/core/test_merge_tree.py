from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import ODD, TEXTS

from core.bpe import apply_merges, learn_merges, split_words
from core.library import read_text
from core.merge_tree import Node, by_rank, depth, in_order, merge_trees, trees_after, trees_of
from core.tokenizer import load_tokenizer

BUSY = st.text("aab \n'1.,é", max_size=60)
ANY_TEXT = st.one_of(BUSY, TEXTS, st.sampled_from(ODD))


def nodes_of(trees: list[Node]) -> Iterator[Node]:
    for node in trees:
        yield node
        yield from nodes_of(list(node.parts))


def check_trees(trees: list[Node]) -> None:
    """Each token is its two parts, glued by a later merge than either; a leaf is a byte."""
    for node in nodes_of(trees):
        if node.parts:
            first, second = node.parts
            assert node.token == first.token + second.token
            assert all(part.number is None or part.number < node.number for part in node.parts)
        else:
            assert len(node.token) == 1
            assert node.number is None
            assert depth(node) == 0


@given(ANY_TEXT, ANY_TEXT, st.integers(0, 60))
def test_the_trees_are_the_tokens_of_the_merges_in_order(learned: str, text: str, n_merges: int) -> None:
    merges = learn_merges(learned, n_merges)
    trees = trees_after(text, merges)
    check_trees(trees)
    aloud = [part for word in split_words(text) for part in apply_merges(word.encode(), merges)]
    assert [node.token for node in trees] == aloud
    assert all(
        merges[n.number - 1] == (n.parts[0].token, n.parts[1].token) for n in nodes_of(trees) if n.parts
    )


@pytest.mark.parametrize("name", ["gpt2", "glassbox"])
@given(text=ANY_TEXT)
def test_the_trees_of_a_ready_vocabulary_are_its_tokens(name: str, text: str) -> None:
    tokenizer = load_tokenizer(name)
    trees = trees_of(tokenizer, text)
    check_trees(trees)
    assert [node.token for node in trees] == [piece.bytes for piece in tokenizer.pieces(text)]


def test_a_real_text_is_rebuilt_token_by_token() -> None:
    text, tokenizer = read_text("match-seller"), load_tokenizer("gpt2")
    trees = trees_of(tokenizer, text)
    check_trees(trees)
    assert [node.token for node in trees] == [piece.bytes for piece in tokenizer.pieces(text)]
    ranks = tokenizer.encoding._mergeable_ranks
    assert all(ranks[node.token] == node.number + 255 for node in nodes_of(trees) if node.parts)


def test_a_known_word() -> None:
    merges = [(b"u", b"g"), (b"h", b"ug")]
    (hug, s) = merge_trees(b"hugs", in_order(merges))
    assert (hug.number, depth(hug), [part.token for part in hug.parts]) == (2, 2, [b"h", b"ug"])
    assert s == Node(b"s")
    assert merge_trees(b"hugs", in_order([])) == [Node(bytes([byte])) for byte in b"hugs"]
    assert by_rank({b"ab": 256})(b"a", b"b") == 1
    assert by_rank({b"ab": 256})(b"b", b"a") is None
