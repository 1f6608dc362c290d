"""The texts that ship with Glassbox, and what is known of each."""

import lzma
import random
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache

from core.mix import storyteller_mix
from core.tokenizer import ASSETS

TEXTS = ASSETS / "texts"
ALPHABET = "abcdefghijklmnopqrst"


@dataclass(frozen=True, slots=True)
class LibraryText:
    """One text of the library."""

    key: str
    title: str
    author: str
    year: int  # first printing
    licence: str
    tokens: int  # its length as GPT-2 reads it; a test counts them again
    file: str  # beside library.toml; empty for a text that is made by a function

    @property
    def label(self) -> str:
        """Title and size, for a list to choose from."""
        return f"{self.title} · {self.tokens:,} tokens"

    @property
    def about(self) -> str:
        """Who wrote it and when, how long it is, and whose it is, in one line."""
        return f"{self.author}, {self.year} · {self.tokens:,} GPT-2 tokens · {self.licence}"


@cache
def library() -> dict[str, LibraryText]:
    """All texts by key, in the order of assets/texts/library.toml, and then those that are made here."""
    rows = tomllib.loads((TEXTS / "library.toml").read_text(encoding="utf-8"))["text"]
    return {text.key: text for text in (*(LibraryText(**row) for row in rows), *MADE)}


@lru_cache(maxsize=6)  # together they would fill 15 MB; the longest is unpacked in 0.1 s
def read_text(key: str) -> str:
    """A whole text of the library. ValueError, with the keys, for one that is not there."""
    if key not in library():
        raise ValueError(f"there is no text {key!r} in the library: choose one of {', '.join(library())}")
    if key in MAKERS:
        return MAKERS[key]()
    raw = (TEXTS / library()[key].file).read_bytes()
    return (lzma.decompress(raw) if library()[key].file.endswith(".xz") else raw).decode()


@cache
def languages() -> dict[str, str]:
    """One sentence in six languages, and a little code, by name."""
    return tomllib.loads((TEXTS / "languages.toml").read_text(encoding="utf-8"))


def repeated_letters(length: int = 100_000, seed: int = 123) -> str:
    """Lines of one random string each, written 3 to 6 times: `bqkbqkbqkbqk`. At least `length` characters.

    Nobody can guess the first time, and everybody can look up the rest: what followed this letter last time?
    Strings have 3 to 16 letters, so that no fixed step back finds the answer, and no letter comes twice in
    one, so that there is one answer. A model of two layers learns to look it up (Olsson et al. 2022).
    """
    dice = random.Random(seed)
    lines: list[str] = []
    written = 0
    while written < length:
        string = "".join(dice.sample(ALPHABET, dice.randint(3, 16)))
        lines.append(string * dice.randint(3, 6) + "\n")
        written += len(lines[-1])
    return "".join(lines)


@cache  # four tenths of a second
def what_the_storyteller_read() -> str:
    """The text that the bundled model was trained on."""
    tales = [read_text(key) for key in ("grimm", "ugly-duckling", "match-seller")]
    return storyteller_mix(tales, read_text("pride-and-prejudice"))


MAKERS: dict[str, Callable[[], str]] = {
    "repeats": repeated_letters,
    "storyteller-mix": what_the_storyteller_read,
}
MADE = (
    LibraryText(
        key="repeats",
        title="Random letters, repeated",
        author="made by Glassbox",
        year=2026,
        licence="Public domain (random numbers belong to nobody)",
        tokens=58_411,
        file="",
    ),
    LibraryText(
        key="storyteller-mix",
        title="What the Storyteller read",
        author="made by Glassbox, with Grimm, Andersen and Austen",
        year=2026,
        licence="MIT, and the public domain",
        tokens=1_084_070,
        file="",
    ),
)
