"""Sentences that a page puts together from numbers, from assets/lessons/en/<page>.toml."""

import tomllib
from functools import cache

from views.lessons import LESSONS


@cache
def phrases(page: str) -> dict[str, str]:
    """All of a page, with {names} for what is put in."""
    return tomllib.loads((LESSONS / f"{page}.toml").read_text(encoding="utf-8"))


def phrase(page: str, name: str, /, **given: object) -> str:
    """One of them, filled in."""
    return phrases(page)[name].format(**given)


def several(page: str, name: str, count: int, /, **given: object) -> str:
    """One that has a second form, `<name>_one`, for a single thing."""
    return phrase(page, f"{name}_one" if count == 1 else name, count=count, **given)
