"""What grows inside a run's model: the pull of the gradient by block, and heads that find a job."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.roles import SHORTEST_CONTEXT
from runs.facts import CheckpointFacts
from views.figures.progress import block_gradients, heads_born
from views.lessons import lesson
from views.moment import Moment
from views.passage import NOTHING
from views.summaries import plus_minus
from views.text import shown

JOBS = {"previous token": "previous_token", "induction": "induction"}


def draw_gradients(moment: Moment) -> None:
    """Mean |gradient| of each block at the checkpoints up to the chosen one."""
    st.markdown(lesson("live/gradients").introduction)
    facts = [one for one in moment.facts if one.step <= (moment.chosen or 0)]
    if not facts:
        st.caption(NOTHING)
        return
    lines = {one.step: np.array(one.gradients, dtype=float) for one in facts}
    named = named_steps([one.step for one in facts])
    sentence = gradient_sentence(facts[-1])
    moment.figure(
        "block_gradients",
        lambda palette: block_gradients(lines, named, palette),
        alt=sentence,
        opened=moment.opened,
    )
    st.caption(sentence)


def named_steps(steps: Sequence[int]) -> list[int]:
    """The first step, the one nearest to the middle, and the last; each once."""
    middle = min(steps, key=lambda step: abs(step - (steps[0] + steps[-1]) / 2))
    return list(dict.fromkeys((steps[0], middle, steps[-1])))


def gradient_sentence(facts: CheckpointFacts) -> str:
    """How the first block fares beside the last."""
    first, last = facts.gradients[0], facts.gradients[-1]
    if len(facts.gradients) == 1 or not last > 0:
        return f"At step {facts.step:,} the mean gradient of block 0 is {shown(float(first))}."
    return (
        f"At step {facts.step:,} the gradient of block 0 is {shown(first / last)} times "
        f"that of block {len(facts.gradients) - 1}."
    )


def draw_heads(moment: Moment) -> None:
    """The best score for each of two jobs, over the checkpoints."""
    st.markdown(lesson("live/heads").introduction)
    facts = [one for one in moment.facts if one.previous_token and one.induction]
    if not facts:
        short = f"A context of under {SHORTEST_CONTEXT} tokens is too short to measure these roles."
        st.caption(short if moment.facts else NOTHING)
        return
    curves = {job: job_curve(facts, field) for job, field in JOBS.items()}
    steps = [one.step for one in facts]
    chosen = moment.chosen if moment.resting else None
    sentence = heads_sentence(curves, facts)
    moment.figure(
        "heads_born",
        lambda palette: heads_born(steps, curves, chosen, palette),
        alt=sentence,
        opened=moment.opened,
    )
    st.caption(sentence)


def job_curve(facts: Sequence[CheckpointFacts], field: str) -> tuple[np.ndarray, str]:
    """The best score of any head at each checkpoint, (N,), and the name of the best one at last."""
    scores = np.nan_to_num(np.array([getattr(one, field) for one in facts], dtype=float))  # (N, L, H)
    layer, head = np.unravel_index(scores[-1].argmax(), scores.shape[1:])
    return scores.max(axis=(1, 2)), f"layer {layer}, head {head}"


def heads_sentence(curves: dict[str, tuple[np.ndarray, str]], facts: Sequence[CheckpointFacts]) -> str:
    """The best head of each role now, how exactly that is known, and when a head first had the role."""
    last, parts = facts[-1], []
    measured = f" at {last.repeat} tokens" if last.repeat else ""
    for job, (values, head) in curves.items():
        score = plus_minus(values[-1], last.error) if last.repeat else f"{values[-1]:.2f}"
        since = f": {reached(values, job, facts)}" if job in last.named_from else ""
        parts.append(f"{job.capitalize()}: the best head is {head} with {score}{measured}{since}.")
    return " ".join(parts)


def reached(values: np.ndarray, job: str, facts: Sequence[CheckpointFacts]) -> str:
    """When the best score first was what gives a head its role, and whether it still is."""
    threshold = facts[-1].named_from[job]
    first = next((one.step for one, value in zip(facts, values, strict=True) if value >= threshold), None)
    if first is None:
        return f"none has reached the threshold of {threshold:.2f}"
    since = f"the threshold of {threshold:.2f} was first reached at step {first:,}"
    return since if values[-1] >= threshold else f"{since}, and now the best head is below it"
