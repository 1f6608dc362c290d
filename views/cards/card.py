"""Experiment cards: predict, compare two that differ in one thing, see which prediction the numbers bear."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np
import plotly.graph_objects as go

from runs import Recipe
from runs.prepare import fine_tuning
from runs.presets import EXPERIMENTS
from runs.tuned import HOW
from runs.tuning import Tuning, kind_of
from views.cache import store
from views.course import Course
from views.figures.overlay import Line, overlay_figure
from views.figures.scores import Score, scores_figure
from views.here import Here
from views.lessons import read_text
from views.phrases import count_of
from views.theme import Palette

LOOKS = 8  # at least so often a fine-tuning is looked at


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

    key: str  # of its words: assets/lessons/en/cards/<key>.md
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

    def recipes(self) -> Mapping[str, Recipe]:
        """What is trained, by its label."""
        return EXPERIMENTS[self.experiment].recipes

    def draw(self, lines: Sequence[Line], palette: Palette) -> go.Figure:
        """The losses of the runs, laid over each other."""
        return overlay_figure(lines, palette)


@dataclass(frozen=True)
class TuningCard:
    """A question that is answered by fine-tuning the bundled model in two ways."""

    key: str
    question: int
    lesson: int
    one: tuple[str, Tuning]  # its label, and what it learns
    other: tuple[str, Tuning]
    score: str  # what is drawn of an evaluation
    judge: Callable[[Sequence[Course]], Outcome]
    chance: float | None = None  # what guessing would reach
    steps: int | None = None  # where fewer than usual show it

    def recipes(self) -> Mapping[str, Recipe]:
        """What is trained, by its label."""
        return {label: tuned_recipe(tuning, self.steps) for label, tuning in (self.one, self.other)}

    def draw(self, lines: Sequence[Line], palette: Palette) -> go.Figure:
        """How well both do, by step."""
        found = [
            Score(line.label, line.course.eval_steps, line.course.scores.get(self.score, np.empty(0)))
            for line in lines
        ]
        return scores_figure(found, max(line.steps for line in lines), palette, chance=self.chance)


@cache
def tuned_recipe(tuning: Tuning, steps: int | None = None) -> Recipe:
    """A fine-tuning of the bundled model, learned as its page does if nothing else is chosen."""
    how = HOW[kind_of(tuning)]
    train = replace(how.train, steps=steps) if steps else how.train
    every = min(how.eval_every, train.steps // LOOKS)
    changes = {"train": train, "batch_size": how.batch_size, "eval_every": every}
    return fine_tuning(store().home, tuning, **changes)


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
            f"The prompt has {count_of(found, 'token')}; this comparison needs at least {tokens}, "
            f"{why}. Write something into the prompt, on the left."
        )


@cache
def words_of(key: str) -> Words:
    """The words of a card."""
    head, *parts = re.split(r"^## ", read_text(f"cards/{key}"), flags=re.MULTILINE)
    title, _, setting = head.removeprefix("# ").partition("\n")
    sections = {name.strip(): text.strip() for name, _, text in (part.partition("\n") for part in parts)}
    predictions = [line.removeprefix("- ").strip() for line in sections["Predict"].splitlines()]
    return Words(
        title.strip(), setting.strip(), tuple(predictions), sections["Explain"], sections.get("Otherwise", "")
    )
