"""One wording for each word of the field: hover says it, and a list at the foot of each page."""

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from views.lessons import read_text

PLACE = "words"  # the anchor of the list on each page
KEPT = (
    r"`[^`]*`|\[[^\]]*\]\([^)]*\)|\{[^}]*\}|\$[^$]+\$|:material/\w+:"  # code, links, numbers to come, signs
)


@dataclass(frozen=True)
class Word:
    """A word of the glossary, as it may stand in a text, and what it means."""

    term: str
    forms: tuple[str, ...]
    meaning: str


@cache
def glossary() -> dict[str, Word]:
    """Every form of every word, in small letters."""
    lines = read_text("glossary").splitlines()
    words = [read_word(line) for line in lines if line.startswith("- ")]
    return {form.lower(): word for word in words for form in word.forms}


def read_word(line: str) -> Word:
    """One line: `- term | other form, other form | what it means`."""
    term, others, meaning = (part.strip() for part in line.removeprefix("- ").split("|"))
    forms = (term, *(form.strip() for form in others.split(",") if form.strip()))
    return Word(term, forms, meaning)


@cache
def pattern() -> re.Pattern:
    """What is left alone, else any form of any word, the longest first."""
    forms = sorted(glossary(), key=len, reverse=True)
    return re.compile(rf"({KEPT})|\b({'|'.join(map(re.escape, forms))})\b", re.IGNORECASE)


@lru_cache(maxsize=2_000)  # the texts of all lessons, before their numbers come in
def explained(text: str) -> str:
    """The text with each word of the glossary, where it comes first, as a link that says what it means."""
    seen: set[str] = set()

    def linked(found: re.Match) -> str:
        if found[1] or (word := glossary()[found[2].lower()]).term in seen:
            return found[0]
        seen.add(word.term)
        return f'[{found[0]}](#{PLACE} "{word.meaning}")'

    return pattern().sub(linked, text)


@lru_cache(maxsize=2_000)
def words_in(text: str) -> list[Word]:
    """The words of the glossary that a text uses, by the alphabet; texts are those of the lessons."""
    found = {glossary()[match[2].lower()] for match in pattern().finditer(text) if match[2]}
    return sorted(found, key=lambda word: word.term.lower())
