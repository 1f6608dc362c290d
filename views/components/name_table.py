"""The names in somebody's file beside ours, with what happens to each tensor on the way; to be read only."""

from dataclasses import asdict
from typing import Any

from views.components.mounting import mount
from views.names import Group

TABLE_HTML = '<div class="gb"><div class="names" role="table"></div></div>'


def name_table(once: Group, blocks: Group, *, key: str, label: str) -> None:
    """Show what is there once, and what each block has."""
    count = len(blocks.blocks)
    title = f"In each of {count} layers" if count > 1 else "In its one layer"
    groups = [group_data("Once", once), group_data(title, blocks)]
    data = {"label": label, "groups": [group for group in groups if group["lines"]]}
    mount("name_table", data, html=TABLE_HTML, key=key, check=lambda _: None, on_pick=None)


def group_data(title: str, group: Group) -> dict[str, Any]:
    """Lines under a title, with how all their names begin."""
    lines = [asdict(line) for line in group.lines.values()]
    theirs, ours = (f"{path}{numbers(group)}" if path else "" for path in (group.theirs, group.ours))
    return {"title": title, "theirs": theirs, "ours": ours, "lines": lines}


def numbers(group: Group) -> str:
    """The numbers of the blocks, from the first to the last."""
    found = sorted(map(int, group.blocks))
    return f"{found[0]}…{found[-1]}." if len(found) > 1 else f"{found[0]}."
