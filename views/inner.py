"""What grows inside a run's model: the pull of the gradient by block, and heads that find a job."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from runs.facts import CheckpointFacts
from views.figures.progress import block_gradients, heads_born
from views.lessons import lesson
from views.moment import Moment
from views.passage import NOTHING
from views.text import shown

JOBS = {"previous token": "previous_token", "induction": "induction"}
FOUND = 0.5  # a score from which a head can be said to have the job


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
        st.caption(NOTHING if not moment.facts else "A context of under 4 tokens has no room for these jobs.")
        return
    curves = {job: job_curve(facts, field) for job, field in JOBS.items()}
    steps = [one.step for one in facts]
    chosen = moment.chosen if moment.resting else None
    sentence = heads_sentence(curves, steps)
    moment.figure(
        "heads_born",
        lambda palette: heads_born(steps, curves, chosen, palette),
        alt=sentence,
        opened=moment.opened,
    )
    st.caption(sentence)


def job_curve(facts: Sequence[CheckpointFacts], field: str) -> tuple[np.ndarray, str]:
    """The best score of any head at each checkpoint, (N,), and "layer.head" of the best one at last."""
    scores = np.nan_to_num(np.array([getattr(one, field) for one in facts], dtype=float))  # (N, L, H)
    layer, head = np.unravel_index(scores[-1].argmax(), scores.shape[1:])
    return scores.max(axis=(1, 2)), f"{layer}.{head}"


def heads_sentence(curves: dict[str, tuple[np.ndarray, str]], steps: Sequence[int]) -> str:
    """Who has which job by now, and since when."""
    parts = []
    for job, (values, head) in curves.items():
        since = next((step for step, value in zip(steps, values, strict=True) if value >= FOUND), None)
        how = f"above {FOUND:g} since step {since:,}" if since is not None else f"none has reached {FOUND:g}"
        parts.append(f"{job.capitalize()}: the best head is {head} with {values[-1]:.2f}, {how}.")
    return " ".join(parts)
