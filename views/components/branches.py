"""The texts that were written from one prompt, as a tree: a click goes back to where two parted."""

from collections.abc import Callable, Sequence
from typing import Any

from core.branches import Node
from views.components.mounting import index_below, mount
from views.components.tokens import chosen

TREE = '<div class="gb"><div class="tree"></div><div class="tip" role="tooltip"></div></div>'


def branches(
    nodes: Sequence[Node],
    texts: Sequence[str],
    chances: Sequence[float],
    *,
    current: int,
    key: str,
    label: str,
    on_pick: Callable[[int], None],
) -> int | None:
    """The tree from left to right: each token with the probability that the model gave it there, in 0..1.

    `texts` and `chances` are those of `nodes`; the first, the prompt, has none. The way to node `current` is
    lit. Arrow keys walk along the branches, Enter goes there.
    """
    check = index_below(len(nodes))
    data = {"label": label, "current": check(current) or 0} | tree_data(nodes, texts, chances)
    picked = mount("branches", data, html=TREE, key=key, check=check, on_pick=on_pick)
    return chosen(picked, None, on_pick)


def tree_data(nodes: Sequence[Node], texts: Sequence[str], chances: Sequence[float]) -> dict[str, Any]:
    """The tree as the browser gets it: for each node its parent, its row and its depth."""
    return {
        "texts": list(texts),
        "hexes": {},
        "parents": [-1 if node.parent is None else node.parent for node in nodes],
        "rows": [node.row for node in nodes],
        "depths": [len(node.path) for node in nodes],
        "chances": [round(float(chance), 5) for chance in chances],
    }
