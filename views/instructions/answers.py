"""The same prompts answered before fine-tuning and after it, side by side."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from core.answers import Answer, is_exact
from core.instructions import FAMILIES, Item
from core.templates import Template
from core.tokenizer import Tokenizer
from runs import storyteller
from runs.storyteller import BUNDLED
from runs.tuning import Instruct
from views import state, ui
from views.cache.instructing import answered, items_of
from views.here import Here
from views.instructions.controls import EACH, Setting
from views.look import Look
from views.text import safe
from views.turns import busy

SPARE = 2  # tokens beyond the longest right answer: its end, and one that would show that it runs on
LONGEST_ASKED = 200  # characters of a task of one's own
OWN_ASKED, OWN_GIVEN = "What is the plural of princess?", ""


@dataclass(frozen=True)
class Side:
    """One of the models that answer."""

    name: str
    look: Look
    answers: tuple[Answer, ...]  # to one's own task, and to each item


def draw_answers(here: Here, setting: Setting, tuned: Instruct | None) -> dict[str, object]:
    """A table of answers. ValueError, in a sentence, if the model cannot read the prompts."""
    setting.note()
    asked, given, number = fields()
    items = held_out(number)
    with busy(" "):
        found = sides(here, setting, items, (asked, given), tuned)
    st.markdown(table(found, items, (asked, given)))
    st.markdown(" ".join(right_sentence(side, items) for side in found))
    return numbers(found, items)


def fields() -> tuple[str, str, int]:
    """A task of one's own, and which of the held-out items are asked."""
    left, middle, right = st.columns([1.4, 1, 1], gap="medium")
    asked = left.text_input(
        "A task of your own", OWN_ASKED, LONGEST_ASKED, key="instructions_asked", **ui.KEEP
    )
    given = middle.text_input(
        "Its input, if it has one", OWN_GIVEN, LONGEST_ASKED, key="instructions_given", **ui.KEEP
    )
    with right:
        count = min(sum(item.family == family for item in items_of(EACH)[2]) for family in FAMILIES)
        number = state.place_slider("Held-out items", "instructions_held_out", count)
    return asked, given, number


def held_out(number: int) -> list[Item]:
    """One item of each kind, that no run has learned from."""
    judge = items_of(EACH)[2]
    return [[item for item in judge if item.family == family][number] for family in FAMILIES]


def sides(
    here: Here, setting: Setting, items: Sequence[Item], own: tuple[str, str], tuned: Instruct | None
) -> list[Side]:
    """The model before its first step, and as it is at the chosen one; of any other model only itself."""
    looks = {"it": here.look}
    if tuned:
        looks = {"before": before(here, tuned), f"after {here.step:,} steps": here.look}
    asked = [own] * bool(own[0].strip()) + [(item.instruction, item.input) for item in items]
    most = most_tokens(here.tokenizer, items, setting.template)
    return [
        Side(name, look, tuple(answered(look, setting.template, *one, most) for one in asked))
        for name, look in looks.items()
    ]


def before(here: Here, tuned: Instruct) -> Look:
    """The model that the run went on from: the Storyteller answers once for all its runs."""
    base = tuned.base
    if base.model == BUNDLED and base.step in storyteller.steps():
        return Look(BUNDLED, base.step)
    return Look(here.choice.key, 0, life=here.choice.life)


def most_tokens(tokenizer: Tokenizer, items: Sequence[Item], template: Template) -> int:
    """How long an answer may be: the longest right one has room, and its end."""
    return max(len(tokenizer.encode(template.answer(item.response))) for item in items) + SPARE


def table(found: Sequence[Side], items: Sequence[Item], own: tuple[str, str]) -> str:
    """The answers as a table; right ones have a sign, and so have those that do not end."""
    rows = [[task(item.instruction, item.input), f"**{safe(item.response)}**"] for item in items]
    columns = [
        [cell(one, item) for one, item in zip(last(side, items), items, strict=True)] for side in found
    ]
    if own[0].strip():
        rows.insert(0, [task(*own), ""])
        columns = [
            [cell(side.answers[0], None), *column] for side, column in zip(found, columns, strict=True)
        ]
    heads = ["Task", "Right answer", *(heading(side.name) for side in found)]
    lines = [[*row, *answers] for row, *answers in zip(rows, *columns, strict=True)]
    return "\n".join(f"| {' | '.join(line)} |" for line in [heads, ["---"] * len(heads), *lines])


def heading(name: str) -> str:
    """Above a column of answers."""
    return "Answer" if name == "it" else name.capitalize()


def task(asked: str, given: str) -> str:
    """What a model is asked, in one cell."""
    return f"{one_line(asked)} **{one_line(given)}**" if given.strip() else one_line(asked)


def cell(given: Answer, item: Item | None) -> str:
    """One answer, marked as right or not, and as one that was cut."""
    sign = (
        "" if item is None else ":green[:material/check:] " if is_exact(item, given) else ":material/close: "
    )
    words = one_line(given.text) or ":gray[nothing]"
    return f"{sign}{words}" + ("" if given.stopped else " :gray[… runs on]")


def one_line(text: str) -> str:
    """Text of a person or a model in one cell of a table."""
    return safe(" ".join(prose_free(text).split()))


def prose_free(text: str) -> str:
    """Without control characters, which no font has."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def last(side: Side, items: Sequence[Item]) -> Sequence[Answer]:
    """The answers to the items alone."""
    return side.answers[-len(items) :]


def right_sentence(side: Side, items: Sequence[Item]) -> str:
    """How many were right, and how many ended."""
    exact, stopped = rights(side, items)
    name = "This model" if side.name == "it" else side.name.capitalize()
    return f"{name}: **{exact} of {len(items)}** right, {stopped} stopped by themselves."


def rights(side: Side, items: Sequence[Item]) -> tuple[int, int]:
    """How many answers to the items are right, and how many came to an end."""
    given = last(side, items)
    return sum(map(is_exact, items, given)), sum(answer.stopped for answer in given)


def numbers(found: Sequence[Side], items: Sequence[Item]) -> dict[str, object]:
    """What the lesson's sentences are filled with."""
    (before, ran), (after, stopped) = rights(found[0], items), rights(found[-1], items)
    return {
        "asked": len(items),
        "before": before,
        "before_stopped": ran,
        "after": after,
        "after_stopped": stopped,
    }
