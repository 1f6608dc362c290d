"""The table of names, theirs to ours, for people to read: a line for each kind of tensor, not for each."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from core.foreign import NameRow

NUMBER = re.compile(r"(?<=\.)\d+(?=\.)")  # of the block, in either name
PARTS = ("query", "key", "value")


@dataclass(frozen=True)
class Target:
    """Where a tensor, or a third of it, goes in our model."""

    name: str
    shape: str
    part: str = ""  # of PARTS, for a third


@dataclass
class Line:
    """One kind of tensor: what they call it, what is done with it, and what it is with us."""

    name: str  # "" for what the file has not
    shape: str
    how: str
    targets: list[Target] = field(default_factory=list)
    wide: bool = True  # three thirds lie side by side, not one above the other


@dataclass
class Group:
    """Lines whose names begin alike: those of the blocks, or those that are there once."""

    theirs: str = ""  # how their names begin, as `transformer.h.`
    ours: str = ""
    lines: dict[tuple, Line] = field(default_factory=dict)
    blocks: set[str] = field(default_factory=set)


def groups_of(rows: Sequence[NameRow]) -> tuple[Group, Group]:
    """What is there once, and what is there in each block; the same tensor of each block is one line."""
    once, blocks = Group(), Group()
    for row in rows:
        group = blocks if NUMBER.search(row.theirs or row.ours) else once
        add(group, row)
    return once, blocks


def add(group: Group, row: NameRow) -> None:
    """Put a tensor into its line; what the file has not, for one reason, is one line together."""
    (their_path, theirs), (our_path, ours) = apart(row.theirs), apart(row.ours)
    group.theirs, group.ours = group.theirs or their_path, group.ours or our_path
    group.blocks |= set(NUMBER.findall(row.theirs or row.ours)[:1])
    how = what_is_done(row.how)
    line = group.lines.setdefault(
        (theirs, row.their_shape, how), Line(theirs, sizes(row.their_shape), how, wide=is_wide(row))
    )
    target = Target(ours, sizes(row.our_shape), part_of(row.how))
    if row.ours and target not in line.targets:
        line.targets.append(target)


def apart(name: str) -> tuple[str, str]:
    """A name in two: the way to its block, without the number, and the name within the block."""
    number = NUMBER.search(name)
    return (name[: number.start()], name[number.end() + 1 :]) if number else ("", name)


def what_is_done(how: str) -> str:
    """What happens on the way, for all thirds alike."""
    return re.sub(r"third \d of 3", "cut into Q, K, V", how)


def part_of(how: str) -> str:
    """Which third it is; "" for a whole."""
    third = re.search(r"third (\d) of 3", how)
    return PARTS[int(third[1]) - 1] if third else ""


def is_wide(row: NameRow) -> bool:
    """Whether thirds lie side by side: in a matrix kept as (in, out), and in a bias."""
    return len(row.their_shape) < 2 or row.their_shape[0] < row.their_shape[1]


def sizes(shape: Sequence[int]) -> str:
    """A shape as a person writes it."""
    return " × ".join(f"{size:,}" for size in shape)
