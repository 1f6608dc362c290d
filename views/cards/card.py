"""Experiment cards: predict, compare two that differ in one thing, see which prediction the numbers bear."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache

import plotly.graph_objects as go

from views.course import Course
from views.here import Here
from views.lessons import read_text


@dataclass(frozen=True)
class Outcome:
    """What a comparison came to."""

    held: int  # which of the predictions the numbers bear out, from 0
    seen: str  # the picture in one sentence
    numbers: dict[str, object] = field(default_factory=dict)  # for the explanation
    figure: go.Figure | None = None  # both, laid over each other; of runs it is always their losses


@dataclass(frozen=True)
class Card:
    """A question that learners ask, answered by two forward passes or the like, at once."""

    key: str  # of its words: assets/lessons/<language>/cards/<key>.md
    question: int  # of the 25 of PAGES.md
    lesson: int  # the prediction that holds where the effect can be seen
    compare: Callable[[Here], Outcome]  # ValueError, in a learner's words, if prompt or model cannot show it


@dataclass(frozen=True)
class TrainingCard:
    """A question that is answered by training: the runs of one of Pretraining's experiments."""

    key: str
    question: int
    lesson: int
    experiment: str  # of runs.presets.EXPERIMENTS
    judge: Callable[[Sequence[Course]], Outcome]  # of the runs' courses, when all have ended


@dataclass(frozen=True)
class Words:
    """A card's words; `explanation` and `otherwise` have {names} for the numbers of its outcome."""

    title: str
    setting: str
    predictions: tuple[str, ...]
    explanation: str
    otherwise: str  # where another prediction held than the lesson's: this model or size does not show it


def need(here: Here, tokens: int, why: str) -> None:
    """Raise ValueError, in a learner's words, for a prompt that is too short for a comparison."""
    found = len(here.prompt.ids)
    if found < tokens:
        raise ValueError(
            f"The prompt has {found} token{'s' * (found != 1)}; this comparison needs at least {tokens}, "
            f"{why}. Write something into the prompt, on the left."
        )


@cache
def words_of(key: str, language: str) -> Words:
    """The words of a card."""
    head, *parts = re.split(r"^## ", read_text(f"cards/{key}", language), flags=re.MULTILINE)
    title, _, setting = head.removeprefix("# ").partition("\n")
    sections = {name.strip(): text.strip() for name, _, text in (part.partition("\n") for part in parts)}
    predictions = [line.removeprefix("- ").strip() for line in sections["Predict"].splitlines()]
    return Words(
        title.strip(), setting.strip(), tuple(predictions), sections["Explain"], sections.get("Otherwise", "")
    )
