"""The texts that ship with Glassbox, and what is known of each."""

import tomllib
from dataclasses import dataclass
from functools import cache

from core.tokenizer import ASSETS

TEXTS = ASSETS / "texts"


@dataclass(frozen=True, slots=True)
class LibraryText:
    """One text of the library."""

    key: str
    title: str
    author: str
    year: int  # first printing
    licence: str
    file: str


@cache
def library() -> dict[str, LibraryText]:
    """All texts by key, in the order of assets/texts/library.toml."""
    rows = tomllib.loads((TEXTS / "library.toml").read_text(encoding="utf-8"))["text"]
    return {row["key"]: LibraryText(**row) for row in rows}


@cache
def read_text(key: str) -> str:
    """A whole text of the library. ValueError, with the keys, for one that is not there."""
    if key not in library():
        raise ValueError(f"there is no text {key!r} in the library: choose one of {', '.join(library())}")
    return (TEXTS / library()[key].file).read_text(encoding="utf-8")
