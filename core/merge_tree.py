"""Which merges built a word's tokens: each token as a tree, with its bytes as leaves."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from core.bpe import Pair, split_words
from core.tokenizer import BytePairTokenizer

Numbering = Callable[[bytes, bytes], int | None]  # which merge glues these two; None if none does


@dataclass(frozen=True)
class Node:
    """A token, and the two that were glued to make it. A byte has neither parts nor a merge."""

    token: bytes
    number: int | None = None  # of the merge that made it, from 1
    parts: tuple["Node", ...] = ()


def merge_trees(word: bytes, number: Numbering) -> list[Node]:
    """Glue the neighbours whose merge was learned first, from left to right, until no merge is left."""
    nodes = [Node(bytes([byte])) for byte in word]
    while True:
        found = [(number(a.token, b.token), place) for place, (a, b) in enumerate(pairwise(nodes))]
        possible = [(merge, place) for merge, place in found if merge is not None]
        if not possible:
            return nodes
        merge, place = min(possible)
        a, b = nodes[place : place + 2]
        nodes[place : place + 2] = [Node(a.token + b.token, merge, (a, b))]


def in_order(merges: Sequence[Pair]) -> Numbering:
    """Merges as they were learned, from a list."""
    numbers = {pair: place for place, pair in enumerate(merges, start=1)}
    return lambda a, b: numbers.get((a, b))


def by_rank(ranks: Mapping[bytes, int]) -> Numbering:
    """Merges of a vocabulary of which only the ranks are known: 256 bytes, then one token a merge."""
    return lambda a, b: ranks[a + b] - 255 if a + b in ranks else None


def trees_after(text: str, merges: Sequence[Pair]) -> list[Node]:
    """A text's tokens after some merges, each with its tree."""
    number = in_order(merges)
    return [node for word in split_words(text) for node in merge_trees(word.encode(), number)]


def trees_of(tokenizer: BytePairTokenizer, text: str) -> list[Node]:
    """A text's tokens in a vocabulary that is ready, each with its tree.

    A token comes from its own bytes alone, so it can be built again without its neighbours.
    """
    number = by_rank(tokenizer.encoding._mergeable_ranks)
    tokens = [tokenizer.encoding.decode_single_token_bytes(token) for token in tokenizer.encode(text)]
    return [node for token in tokens for node in merge_trees(token, number)]


def depth(node: Node) -> int:
    """How many merges lie above each other: 0 for a byte."""
    return 1 + max(map(depth, node.parts)) if node.parts else 0
