"""Sentences that a page puts together from numbers, from assets/lessons/en/<page>.toml."""

import re
import string
import tomllib
from collections.abc import Mapping
from functools import cache
from numbers import Integral

from views.lessons import LESSONS
from views.text import shown

WORDS = re.compile(r"(~?)([^\W\d_][^|]+)(?:\|(.+))?")  # how a count may be written, as in {n:head}


class Count(int):
    """A whole number that knows its noun: `{n:head}` is "1 head" or "12 heads".

    `{n:batch|batches}` gives both forms, `{n:~is|are}` the word without the number. Without a word it is
    written with thousands, "3,059,714"; `{n:d}` and the like are as for any number.
    """

    def __format__(self, how: str) -> str:
        if not (said := WORDS.fullmatch(how)):
            return int.__format__(self, how or ",")
        alone, one, many = said.groups()
        word = one if self == 1 else many or f"{one}s"
        return word if alone else f"{int(self):,} {word}"


def count_of(count: int, thing: str) -> str:
    """A number with its noun, in the singular or the plural: "1 head", "12 heads", "0 batches".

    `thing` is the singular, or both forms: "head", "batch|batches".
    """
    return format(Count(count), thing)


def counted(value: object) -> object:
    """A whole number as a `Count`; anything else as it is."""
    return Count(value) if isinstance(value, Integral) and not isinstance(value, bool) else value


def fill(template: str, numbers: Mapping[str, object]) -> str:
    """A lesson's text with its numbers. A line that asks for one that is None is left out."""
    nothing = {name for name, value in numbers.items() if value is None}
    lines = [line for line in template.splitlines() if not nothing & names_in(line)]
    return "\n".join(lines).format(**{name: in_text(value) for name, value in numbers.items()})


def names_in(line: str) -> set[str]:
    """The numbers that a line asks for."""
    return {name for _, name, _, _ in string.Formatter().parse(line) if name}


def in_text(value: object) -> object:
    """A value as it stands in a sentence; whole numbers know their nouns."""
    number = counted(value)
    return number if isinstance(number, Count) else shown(value)


@cache
def phrases(page: str) -> dict[str, str]:
    """All of a page, with {names} for what is put in."""
    return tomllib.loads((LESSONS / f"{page}.toml").read_text(encoding="utf-8"))


def phrase(page: str, name: str, /, **given: object) -> str:
    """One of them, filled in."""
    return phrases(page)[name].format(**{name: counted(value) for name, value in given.items()})


def several(page: str, name: str, count: int, /, **given: object) -> str:
    """One that has a second form, `<name>_one`, for a single thing."""
    return phrase(page, f"{name}_one" if count == 1 else name, count=count, **given)
