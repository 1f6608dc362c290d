"""The merge tree of a word: bytes at the bottom, each node the merge that glued what is below it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.merge_tree import Node, depth
from core.pieces import Piece
from views.components.mounting import mount, names_of

TREE = '<div class="gb"><div class="tree"></div><div class="readout" role="status"></div></div>'


@dataclass(frozen=True)
class Placed:
    """A node with its place in the picture: `place` counts leaves from the left, between two of them too."""

    node: Node
    place: float
    parts: tuple[int, ...]  # in the list of all nodes


def placed(trees: Sequence[Node]) -> list[Placed]:
    """All nodes of a word's trees, each after its parts."""
    found: list[Placed] = []
    leaves = 0

    def put(node: Node) -> int:
        nonlocal leaves
        parts = tuple(put(part) for part in node.parts)
        place = sum(found[part].place for part in parts) / 2 if parts else leaves
        leaves += not parts
        found.append(Placed(node, place, parts))
        return len(found) - 1

    for tree in trees:
        put(tree)
    return found


def merge_tree(
    trees: Sequence[Node],
    *,
    now: int | None = None,
    key: str,
    label: str,
    on_pick: Callable[[int], None] | None = None,
) -> None:
    """The trees of a word's tokens. Nodes of merge `now` are framed; a click gives the number of a merge.

    `label` says the same in words, for screen readers and the back row.
    """
    nodes = placed(trees)
    numbers = {one.node.number for one in nodes if one.node.parts}
    pieces = [Piece(0, n.node.token, n.node.token.decode("utf-8", "replace"), 0, 0) for n in nodes]
    data = {
        "label": label,
        **names_of(pieces),
        "numbers": [one.node.number or 0 for one in nodes],
        "places": [one.place for one in nodes],
        "levels": [depth(one.node) for one in nodes],
        "parts": [list(one.parts) for one in nodes],
        "now": now,
        "goes": on_pick is not None,
    }

    def check(value: object) -> int | None:
        return value if type(value) is int and value in numbers else None

    mount("merge_tree", data, html=TREE, key=key, check=check, on_pick=on_pick)
