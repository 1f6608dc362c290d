"""Sentences that a page puts together from numbers, from assets/lessons/<language>/<page>.toml."""

import tomllib
from functools import cache

from views import state
from views.lessons import FIRST, LESSONS


@cache
def phrases(page: str, language: str) -> dict[str, str]:
    """All of a page, with {names} for what is put in; one that is not translated is the first language's."""
    files = [LESSONS / one / f"{page}.toml" for one in (FIRST, language)]
    found = [tomllib.loads(file.read_text(encoding="utf-8")) for file in files if file.exists()]
    return {name: text for one in found for name, text in one.items()}


def phrase(page: str, name: str, /, **given: object) -> str:
    """One of them, in the language that was chosen."""
    return phrases(page, state.language())[name].format(**given)


def several(page: str, name: str, count: int, /, **given: object) -> str:
    """One that has a second form, `<name>_one`, for a single thing."""
    return phrase(page, f"{name}_one" if count == 1 else name, count=count, **given)
