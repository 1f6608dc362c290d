"""The views of the Instructions page: what each draws, which lesson goes with it, and which code."""

from collections.abc import Callable
from typing import NamedTuple

import streamlit as st

from core.answers import answer, is_exact, until_end
from core.instruct import collate, encode_prompt, hide_filling, hide_prompts
from core.sampling import generate
from runs.tuning import Instruct
from views import tuning
from views.here import Here
from views.instructions import answers, chat, controls, rows, scores, training
from views.instructions.controls import ANSWERS, CHAT, SCORES, SEQUENCE, TRAINING, Setting

Told = dict[str, object] | None  # the numbers of the lesson; None where there is nothing to be noticed yet


class View(NamedTuple):
    """One of them."""

    draw: Callable[[Here, Instruct | None], Told]
    lesson: str
    code: tuple[Callable, ...]


def watch(here: Here, tuned: Instruct | None) -> Told:
    """The run as it learns."""
    tuning.watch("instructions", here.choice.key)
    return training.numbers(here.choice.key)


def sequence(here: Here, tuned: Instruct | None) -> Told:
    """What is learned from; for a model that has not learned yet with the way to begin."""
    return rows.draw_sequence(here, Setting.of(tuned) if tuned else None)


def side_by_side(here: Here, tuned: Instruct | None) -> Told:
    """The same prompts before and after."""
    return answers.draw_answers(here, setting_of(tuned), tuned)


def judged(here: Here, tuned: Instruct | None) -> Told:
    """How good the answers are."""
    return scores.draw_scores(here, setting_of(tuned))


def talk(here: Here, tuned: Instruct | None) -> Told:
    """A chat."""
    return chat.draw_chat(here, setting_of(tuned))


def setting_of(tuned: Instruct | None) -> Setting:
    """How the model was asked in training; any other model is asked in the plain way."""
    return Setting.of(tuned) if tuned else Setting()


def chosen_view(here: Here, trained: bool) -> str:
    """Which view is open; a model that has not learned to follow has the way to begin beside it."""
    if trained:
        return controls.view(True, here.choice.key)
    left, right = st.columns([3.4, 1])
    with left:
        opened = controls.view(False, here.choice.key)
    with right:
        tuning.start("instructions", controls.make)
    with st.expander("Steps, learning rate, LoRA", icon=":material/tune:"):
        tuning.controls("instructions")
    return opened


VIEWS = {
    TRAINING: View(watch, "instructions/training", (collate, hide_filling)),
    SEQUENCE: View(sequence, "instructions", (collate, hide_filling, hide_prompts)),
    ANSWERS: View(side_by_side, "instructions/answers", (answer, until_end, is_exact)),
    SCORES: View(judged, "instructions/scores", (is_exact, answer)),
    CHAT: View(talk, "instructions/chat", (encode_prompt, until_end, generate)),
}
