"""Where a model is surprised: the validation passage of a checkpoint, token by token."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.pieces import Piece
from core.tokenizer import Tokenizer
from runs.facts import CheckpointFacts
from views import cache, state, ui
from views.components.surprise import surprise
from views.lessons import lesson
from views.moment import Moment
from views.tables.tokens import costs
from views.text import percent, safe
from views.vocabulary import pieces

NOTHING = "Nothing is measured yet: the first checkpoint is made when the run begins."
EASY = 0.1  # nats: the model had given the token 90 %


@dataclass(frozen=True)
class Surprise:
    """How hard a passage was, in numbers."""

    mean: float  # nats a token
    at_first: float  # the same at the first checkpoint
    guessing: float  # what pure guessing costs, nats a token
    hardest: int  # place of the token that cost most, in the losses
    easy: float  # share of tokens that cost next to nothing


def surprise_of(facts: CheckpointFacts, first: CheckpointFacts, vocab_size: int) -> Surprise | None:
    """The numbers of one checkpoint beside the first one's; None where none is a number."""
    losses = np.array(facts.losses, dtype=float)
    if not np.isfinite(losses).any():
        return None
    return Surprise(
        mean=float(np.nanmean(losses)),
        at_first=float(np.mean(first.losses)),
        guessing=math.log(vocab_size),
        hardest=int(np.nanargmax(losses)),
        easy=float(np.mean(losses < EASY)),
    )


def passage_sentence(found: Surprise, step: int, first: int, hardest: str) -> str:
    """What the colours say, for screen readers and the back row."""
    change = found.mean - found.at_first
    than = f"{abs(change):.2f} {'less' if change < 0 else 'more'} than at step {first:,}"
    compared = f" ({than})" if step != first else ""
    meaning = "more than pure guessing would"
    if found.mean < found.guessing:
        meaning = f"perplexity {math.exp(found.mean):,.1f}"
    return (
        f"At step {step:,} this passage costs {found.mean:.2f} nats a token{compared}: {meaning}. "
        f"{percent(found.easy)} of the tokens are all but certain; the hardest is «{hardest}»."
    )


def draw_passage(moment: Moment) -> None:
    """The passage of the chosen checkpoint, as deep in colour as it was hard to foresee."""
    st.markdown(lesson("live/surprise").introduction)
    facts = moment.chosen_facts
    if facts is None:
        st.caption(NOTHING)
        return
    tokens = moment.once("passage", lambda: pieces(state.here().tokenizer, facts.passage))
    vocab_size = cache.run_vocabulary(moment.run_id)
    found = surprise_of(facts, moment.facts[0], vocab_size)
    sentence = "Its losses are no numbers."
    if found:
        hardest = safe(tokens[found.hardest + 1].text.strip() or "white space")
        sentence = passage_sentence(found, facts.step, moment.facts[0].step, hardest)
    rows = [(tokens, [math.nan, *facts.losses])]
    surprise(
        rows,
        most=math.log(vocab_size),
        most_name="guessing",
        key="pretraining_passage",
        label=sentence,
        opened=moment.opened,
    )
    ui.below("pretraining_passage", lambda: costs(rows), sentence, large=True)


def rows_of(
    tokenizer: Tokenizer, windows: Sequence[Sequence[int]], losses: Sequence[Sequence[float]]
) -> list[tuple[list[Piece], list[float]]]:
    """Windows (B, T + 1) with the nats of all but their first tokens (B, T), as the picture takes them."""
    return [
        (pieces(tokenizer, window), [math.nan, *nats]) for window, nats in zip(windows, losses, strict=True)
    ]
