"""Simple stories, made by dice from tables: something for a small model to learn that makes sense.

A plot is a text with gaps. `[red|blue]` is a choice, `<day>` a phrase that many plots share, `{toy}` a gap:
what is drawn for it stays the same to the end of the story. `{hero.he}` is the hero's pronoun, `{Hero.he}`
the same with a capital; `{toy2}` is another toy. The plots are in assets/stories/plots.toml, the words in
core/story_words.py. After the idea of TinyStories (Eldan and Li 2023): few words, much sense.
"""

import random
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple, Self

from core.story_words import HE, PEOPLE, PLACES, PRONOUNS, SHE, THINGS, WORDS
from core.tokenizer import ASSETS

CHOICE = re.compile(r"\[([^\[\]]*)\]")  # the innermost one
PHRASE = re.compile(r"<(\w+)>")


class Plot(NamedTuple):
    """What happens, and to whom."""

    name: str
    hero: str  # the tables of people that the hero may come from
    text: str  # a line for each paragraph


@cache
def plots() -> tuple[Plot, ...]:
    """All plots, with the phrases that they share put in as choices."""
    tables = tomllib.loads((ASSETS / "stories" / "plots.toml").read_text(encoding="utf-8"))
    phrases = {name: f"[{'|'.join(rows)}]" for name, rows in tables["phrases"].items()}
    return tuple(
        Plot(row["name"], row["hero"], PHRASE.sub(lambda found: phrases[found[1]], paragraphs(row["text"])))
        for row in tables["plot"]
    )


def paragraphs(text: str) -> str:
    """A line for each paragraph; in the text they stand between blank lines."""
    return "\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def capital(text: str) -> str:
    """The text with its first letter large."""
    return text[:1].upper() + text[1:]


def with_article(noun: str) -> str:
    """`an old king`, `a king`: no word of the tables is an exception to the rule of the first letter."""
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


class Part(NamedTuple):
    """Someone, something or some place in a story: its name, and what can be said instead."""

    name: str  # "Anna", "the fox", "bell", "the forest"
    word: str = ""  # "girl", "fox", "bell"
    new: str = ""  # when it is new: "a little girl named Anna", "a silver bell"
    he: str = ""
    him: str = ""
    his: str = ""
    at: str = ""  # where someone lives; "in the forest"
    to: str = ""  # "into the forest"

    def __str__(self) -> str:
        return self.name

    def capital(self) -> Self:
        """The same for the beginning of a sentence."""
        return self._make(map(capital, self))


class Cast(dict[str, Part]):
    """Who and what plays in one story. A gap is filled when it is first asked for."""

    def __init__(self, plot: Plot, dice: random.Random) -> None:
        self.plot = plot
        self.dice = dice
        self.drawn: set[str] = set()

    def __missing__(self, gap: str) -> Part:
        if gap[0].isupper():
            return self[gap.lower()].capital()
        table = self.dice.choice(self.plot.hero.split()) if gap == "hero" else gap.rstrip("23")
        self[gap] = self.draw(table)
        return self[gap]

    def draw(self, table: str) -> Part:
        """A part from one of the tables."""
        if table in PEOPLE:
            return self.person(table)
        if table in THINGS:
            name = self.fresh(THINGS[table].names)
            return Part(name, name, with_article(f"{self.dice.choice(THINGS[table].adjectives)} {name}"))
        if table == "place":
            name, to, at = self.fresh(PLACES).split(", ")
            return Part(name, to=to, at=at)
        return Part(self.fresh(WORDS[table]))

    def person(self, table: str) -> Part:
        """A person or an animal; only children have names."""
        names, adjectives, homes = PEOPLE[table]
        kind, _, name = self.fresh(names).partition(" ")
        new = with_article(f"{self.dice.choice(adjectives)} {kind}".strip())
        if name:
            new += f" {self.dice.choice(('named', 'called'))} {name}"
        pronoun = "he" if kind in HE else "she" if kind in SHE else self.dice.choice(("he", "she"))
        return Part(name or f"the {kind}", kind, new, *PRONOUNS[pronoun], at=self.dice.choice(homes))

    def fresh(self, rows: tuple[str, ...]) -> str:
        """One of the rows that is not yet in the story."""
        row = self.dice.choice([row for row in rows if row not in self.drawn])
        self.drawn.add(row)
        return row


def choose(text: str, dice: random.Random) -> str:
    """Make all choices, those inside others first."""
    found = 1
    while found:
        text, found = CHOICE.subn(lambda match: dice.choice(match[1].split("|")), text)
    return text


def story(plot: Plot, dice: random.Random) -> str:
    """One story of this plot: a line for each paragraph."""
    text = choose(plot.text, dice).format_map(Cast(plot, dice))
    return re.sub(" +", " ", text).replace(" \n", "\n").strip()  # a choice may be to say nothing


def stories(seed: int = 123) -> Iterator[str]:
    """Endless stories, always the same ones for a seed."""
    dice = random.Random(seed)
    while True:
        yield story(dice.choice(plots()), dice)
