"""The words of a page, from assets/lessons/en/<page>.md."""

import json
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

LESSONS = Path(__file__).parent.parent / "assets" / "lessons" / "en"


@dataclass(frozen=True)
class Try:
    """One button: what it says, what to watch after pressing it, and the controls that it sets."""

    label: str
    watch: str
    sets: dict[str, str]


@dataclass(frozen=True)
class Lesson:
    """A page's words; `notice` and `truths` have {names} for numbers that the page computes."""

    question: str
    introduction: str
    tries: tuple[Try, ...]
    notice: str
    truths: str


def read_text(name: str) -> str:
    """One text of the lessons."""
    return (LESSONS / f"{name}.md").read_text(encoding="utf-8")


@cache
def furniture() -> dict[str, str]:
    """What stands on every page around its lesson."""
    return tomllib.loads((LESSONS / "furniture.toml").read_text(encoding="utf-8"))


@cache
def lesson(page: str) -> Lesson:
    """The lesson of a page."""
    text = read_text(page)
    head, *parts = re.split(r"^## ", text, flags=re.MULTILINE)
    question, _, introduction = head.removeprefix("# ").partition("\n")
    sections = dict(part.split("\n", 1) for part in parts)
    tries = [read_try(line) for line in sections.get("Try", "").splitlines() if line.startswith("- ")]
    notice, truths = (sections.get(name, "").strip() for name in ("What to notice", "Truths"))
    return Lesson(question.strip(), introduction.strip(), tuple(tries), notice, truths)


def read_try(line: str) -> Try:
    """One line: `- label | what to watch | control = value | control = value`."""
    label, watch, *sets = (part.strip() for part in line.removeprefix("- ").split(" | "))
    return Try(label, watch, dict(re.split(r"\s*=\s*", one, maxsplit=1) for one in sets))


def read_value(text: str) -> object:
    """A value written in a lesson: a number, true or false as such, the rest as text."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text
