"""What no file says of a model: asked before it is brought, with what a short text costs for each choice."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from runs.brought import Fact
from views import state, ui
from views.bring_words import FIELDS, value_words
from views.figures.heads import heads_bars

NOTE = "bring_question"


@dataclass(frozen=True)
class Question:
    """The fields that no file says, for one source."""

    sign: str  # of the source
    emb_dim: int
    facts: tuple[Fact, ...]


def answers_to(sign: str) -> dict[str, object]:
    """The question that an attempt before has left, if it is about this source; {} without one."""
    question = state.noted(NOTE)
    if not isinstance(question, Question) or question.sign != sign:
        return {}
    asked = [fact for fact in question.facts if fact.source != "the file"]
    st.markdown(
        f"**No file says these**, and no shape of a model of width {question.emb_dim} shows them: a wrong "
        "choice loads without a complaint, and gives another model."
    )
    columns = st.columns(len(asked), vertical_alignment="bottom")
    answers = {fact.field: ask(fact, sign, column) for fact, column in zip(asked, columns, strict=True)}
    if any(fact.losses for fact in asked):
        st.caption(
            "The number behind each choice is what a short English text costs, in nats a token. The right "
            "choice often costs least, but one text proves little: what a model never read can mislead."
        )
    draw_heads(next((fact for fact in asked if fact.field == "n_heads"), None), answers)
    return answers


def ask(fact: Fact, sign: str, column: object) -> object:
    """One field, with its likeliest value chosen."""
    key = f"bring_{fact.field}_{hashlib.sha256(sign.encode()).hexdigest()[:8]}"
    return column.selectbox(
        f"{FIELDS[fact.field]}{'' if fact.source == 'nobody' else ' (assumed)'}",
        fact.choices,
        fact.choices.index(likeliest(fact)),
        format_func=lambda choice: labelled(fact, choice),
        key=key,
    )


def likeliest(fact: Fact) -> object:
    """The choice that reads best where nothing is usual; else the usual one, which one text cannot refute."""
    is_open = fact.source == "nobody" or fact.field == "position"
    return min(fact.losses, key=fact.losses.get) if is_open and fact.losses else fact.value


def labelled(fact: Fact, choice: object) -> str:
    """A choice and what it costs."""
    words = value_words(fact.field, choice)
    return f"{words} · {fact.losses[choice]:.3f}" if choice in fact.losses else words


def draw_heads(fact: Fact | None, answers: Mapping[str, object]) -> None:
    """The losses by number of heads, as bars."""
    if fact is None or not fact.losses:
        return
    best = min(fact.losses, key=fact.losses.get)
    ui.figure(
        heads_bars(fact.losses, ui.palette(), chosen=answers["n_heads"]),
        key="bring_losses",
        alt=f"With {best} heads the text costs least: {fact.losses[best]:.2f} nats a token",
        caption="What a short English text costs with each number of heads.",
    )
