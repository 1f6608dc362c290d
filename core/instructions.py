"""Instructions with their answers, made by dice: kinds of tasks that a small model can learn (book 7.2)."""

import random
import tomllib
from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

from core.config import check_seed, check_whole_number
from core.story_words import PEOPLE, THINGS
from core.tokenizer import ASSETS

NUMBERS = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen"),
)
MOST_IN_A_LIST = 4
MOST_TO_COUNT = 6


class Item(NamedTuple):
    """A task, what it is about (perhaps nothing), and the one right answer."""

    instruction: str
    input: str
    response: str
    family: str


class Family(NamedTuple):
    """A kind of task: ways to ask for it, and a function that draws a question and its answer."""

    wordings: tuple[str, ...]  # one with {} asks without an input
    draw: Callable[[random.Random], tuple[str, str]]


@cache
def word_pairs() -> dict[str, tuple[tuple[str, str], ...]]:
    """Opposites, plurals and past tenses; of opposites each is the other's."""
    tables = tomllib.loads((ASSETS / "instructions" / "words.toml").read_text(encoding="utf-8"))
    pairs = {name: tuple((a, b) for a, b in rows) for name, rows in tables.items()}
    return pairs | {"opposite": pairs["opposite"] + tuple((b, a) for a, b in pairs["opposite"])}


@cache
def nouns() -> tuple[str, ...]:
    """Who and what comes in the tales, in one word, each once and in order."""
    kinds = ("beast", "worker", "royal", "prince", "hunter")
    found = {name for kind in kinds for name in PEOPLE[kind].names}
    found |= {name for things in THINGS.values() for name in things.names if " " not in name}
    return tuple(sorted(found))


def pair_of(table: str) -> Callable[[random.Random], tuple[str, str]]:
    """A draw from a table of pairs."""
    return lambda dice: dice.choice(word_pairs()[table])


def capital(dice: random.Random) -> tuple[str, str]:
    """A word, and the same with a large first letter."""
    word = dice.choice(nouns())
    return word, word.capitalize()


def copied(dice: random.Random) -> tuple[str, str]:
    """Some words, and the same words."""
    words = " ".join(drawn_words(dice))
    return words, words


def turned(dice: random.Random) -> tuple[str, str]:
    """Some words, and the same from the last to the first."""
    words = drawn_words(dice)
    return " ".join(words), " ".join(reversed(words))


def drawn_words(dice: random.Random) -> list[str]:
    """Two to four different words."""
    return dice.sample(nouns(), dice.randint(2, MOST_IN_A_LIST))


def counted(dice: random.Random) -> tuple[str, str]:
    """One word several times, and how often."""
    times = dice.randint(1, MOST_TO_COUNT)
    return " ".join([dice.choice(nouns())] * times), NUMBERS[times]


def added(dice: random.Random) -> tuple[str, str]:
    """Two numbers up to nine, and their sum, in words."""
    one, other = dice.randint(1, 9), dice.randint(1, 9)
    return f"{NUMBERS[one]} and {NUMBERS[other]}", NUMBERS[one + other]


FAMILIES = {
    "opposite": Family(
        ("Say the opposite.", "Give the word that means the opposite.", "What is the opposite of {}?"),
        pair_of("opposite"),
    ),
    "plural": Family(
        ("Say it for many.", "Give the plural of the word.", "What is the plural of {}?"), pair_of("plural")
    ),
    "past": Family(
        ("Say it as if it was long ago.", "Give the past tense.", "What is the past tense of {}?"),
        pair_of("past"),
    ),
    "capital": Family(
        (
            "Write it with a capital letter.",
            "Begin the word with a big letter.",
            "Make the first letter of {} big.",
        ),
        capital,
    ),
    "reverse": Family(
        ("Say the words backwards.", "Turn the order of the words round.", "Begin with the last word: {}"),
        turned,
    ),
    "copy": Family(("Say the same again.", "Copy the words.", "Repeat after me: {}"), copied),
    "count": Family(("Count the words.", "How many words are there?", "How often is it said? {}"), counted),
    "sum": Family(("Add the numbers.", "How many are they together?", "What is {} together?"), added),
}


def make_items(each: int = 125, seed: int = 123) -> list[Item]:
    """Items of all families, `each` of one family, well mixed; no two ask for the same in the same words.

    ValueError if a family has not so many different ones.
    """
    check_whole_number("each", each)
    check_seed(seed)
    dice = random.Random(seed)
    items = [item for name in FAMILIES for item in family_items(name, each, dice)]
    dice.shuffle(items)
    return items


def family_items(name: str, count: int, dice: random.Random) -> list[Item]:
    """Different items of one family, drawn until there are enough."""
    found: dict[tuple[str, str], Item] = {}
    for _ in range(100 * count):
        item = draw_item(name, dice)
        found.setdefault((item.instruction, item.input), item)
        if len(found) == count:
            return list(found.values())
    raise ValueError(f"the family {name!r} has fewer than {count} different items: ask for fewer")


def draw_item(name: str, dice: random.Random) -> Item:
    """One item: a question in one of the wordings, as an input or in the middle of the instruction."""
    family = FAMILIES[name]
    wording, (question, response) = dice.choice(family.wordings), family.draw(dice)
    if "{}" in wording:
        return Item(wording.format(question), "", response, name)
    return Item(wording, question, response, name)


def split_items(items: Sequence[Item], seed: int = 123) -> tuple[list[Item], list[Item], list[Item]]:
    """85 % of each family to learn from, 5 % to watch, and the rest held out to judge by (book 7.2).

    What was asked in one wording may be asked again in another: the words are known, the task is new.
    """
    check_seed(seed)
    dice = random.Random(seed)
    parts: tuple[list[Item], list[Item], list[Item]] = ([], [], [])
    for name in dict.fromkeys(item.family for item in items):
        rows = [item for item in items if item.family == name]
        dice.shuffle(rows)
        learn, watch = len(rows) * 85 // 100, len(rows) * 5 // 100
        for part, some in zip(
            parts, (rows[:learn], rows[learn : learn + watch], rows[learn + watch :]), strict=True
        ):
            part.extend(some)
    for part in parts:
        dice.shuffle(part)
    return parts
