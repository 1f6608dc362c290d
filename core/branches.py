"""Texts that begin alike and then part: as a tree, a token a node."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

Path = tuple[int, ...]  # token ids, from the common beginning on


class Node(NamedTuple):
    """One token of the tree; the first node is the common beginning, before any token."""

    path: Path  # all tokens up to this one
    parent: int | None  # place in the list of nodes
    row: int  # from the top: each branch that ends has one of its own


def grown(paths: Sequence[Path], path: Path, most: int) -> tuple[tuple[Path, ...], int]:
    """The branches with one more, which is now the last, and how many were let go for it.

    A beginning of a branch adds nothing, and a longer branch takes the place of its beginning. The tree
    keeps at most `most` tokens: whole branches go, those first that were not gone for the longest time.
    """
    inside = next((one for one in paths if one[: len(path)] == path), path)
    kept = [one for one in paths if one != inside and one != path[: len(one)]]
    kept += [inside] if inside else []
    before = len(kept)
    while len(kept) > 1 and token_count(kept) > most:
        kept.pop(0)
    return tuple(kept), before - len(kept)


def token_count(paths: Sequence[Path]) -> int:
    """How many tokens the tree of these branches has: a common beginning counts once."""
    return len(beginnings(paths)) - 1


def beginnings(paths: Sequence[Path]) -> set[Path]:
    """All texts that the branches run through, the empty one among them."""
    return {()} | {path[:length] for path in paths for length in range(1, len(path) + 1)}


def tree_of(paths: Sequence[Path], rank: Callable[[Path], float]) -> list[Node]:
    """The tree, parents before children. Of the tokens after one node, the one of highest rank is on top."""
    children: dict[Path, list[Path]] = {}
    for path in sorted(beginnings(paths) - {()}):
        children.setdefault(path[:-1], []).append(path)
    nodes: list[Node] = []
    rows, waiting = 0, [((), None, True)]
    while waiting:
        path, parent, straight_on = waiting.pop()
        rows += not straight_on
        nodes.append(Node(path, parent, rows))
        place, ordered = len(nodes) - 1, sorted(children.get(path, ()), key=rank, reverse=True)
        waiting += [(child, place, child == ordered[0]) for child in reversed(ordered)]
    return nodes
