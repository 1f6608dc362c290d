"""How good the answers are: exact match and stop rate by family, the model's own likelihood, a judge."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from core.instructions import FAMILIES, Item
from runs import EvalEvent
from runs.judge import Judge, judges
from views import cache, state, ui
from views.cache.instructing import answered, surprise_at
from views.figures.pairs import paired_bars
from views.here import Here
from views.instructions.answers import held_out, most_tokens, one_line, task
from views.instructions.controls import Setting
from views.text import percent, safe, shown

NOTED = "instructions_judged"
JUDGE = "Ask another model to judge"


def draw_scores(here: Here, setting: Setting) -> dict[str, object] | None:
    """The scores of the run when it was last judged, and some answers one by one."""
    scores = last_scores(here.choice.key)
    families = [family for family in FAMILIES if f"exact:{family}" in scores]
    if families:
        draw_families(scores, families)
    else:
        st.info(
            "The held-out items are asked when the run has come to its end: wait for it under *Training*.",
            icon=":material/hourglass_empty:",
        )
    draw_single(here, setting, held_out(0))
    return numbers(scores, families) if families else None


def last_scores(run_id: str) -> Mapping[str, float]:
    """What the run scored when its held-out items were last asked; nothing before that."""
    status = cache.status_of(run_id)
    events = cache.events_of(run_id, status.state, status.step)
    judged = [event.scores for event in events if isinstance(event, EvalEvent) and is_whole(event.scores)]
    return judged[-1] if judged else {}


def is_whole(scores: Mapping[str, float]) -> bool:
    """Whether an evaluation asked the held-out items too."""
    return any(name.startswith("exact:") for name in scores)


def draw_families(scores: Mapping[str, float], families: Sequence[str]) -> None:
    """The main picture: two bars for each kind of task."""
    exact, stopped = (100 * by_family(scores, name, families) for name in ("exact", "stopped"))
    drawn = paired_bars(
        families,
        [stopped, exact],
        ["stopped by itself", "right, word for word"],
        ui.palette(),
        x="answers (%)",
    )
    drawn.update_xaxes(range=[0, 101])
    said = f"Right: {exact.mean():.0f} % of the held-out items; stopped: {stopped.mean():.0f} %."
    ui.figure(drawn, key="instructions_families", alt=said, caption=said)


def by_family(scores: Mapping[str, float], name: str, families: Sequence[str]) -> np.ndarray:
    """One score of each kind of task."""
    return np.array([scores.get(f"{name}:{family}", np.nan) for family in families])


def draw_single(here: Here, setting: Setting, items: Sequence[Item]) -> None:
    """Three ways to judge the same answers: word for word, by likelihood, and by another model."""
    st.header("One answer of each kind, judged in three ways")
    template, most = setting.template, most_tokens(here.tokenizer, items, setting.template)
    given = [answered(here.look, template, one.instruction, one.input, most).text for one in items]
    likely = [math.exp(-surprise_at(here.look, template, item)) for item in items]
    with st.expander(JUDGE, icon=":material/gavel:", expanded=bool(state.noted(NOTED))):
        judge_controls(items, given)
    judged = scores_of(items, given)
    heads = ["Task", "Right answer", "Its answer", "Exact", "Right one, likelihood a token", "Judge"]
    lines = [heads, ["---"] * len(heads)]
    for item, text, share, score in zip(items, given, likely, judged, strict=True):
        exact = text.strip() == item.response.strip()
        lines.append(
            [
                task(item.instruction, item.input),
                f"**{safe(item.response)}**",
                one_line(text) or ":gray[nothing]",
                ":green[:material/check:]" if exact else ":material/close:",
                percent(share),
                score,
            ]
        )
    st.markdown("\n".join(f"| {' | '.join(line)} |" for line in lines))


def judge_controls(items: Sequence[Item], given: Sequence[str]) -> None:
    """Where the judge is, and the button; off until it is pressed."""
    addresses = judges()
    if not addresses:
        st.markdown("This server asks no other model. Run Glassbox on your own computer for that.")
        return
    st.markdown(
        "A server that speaks OpenAI's chat protocol, such as Ollama. Nothing is sent before you press the "
        "button; then the tasks and answers below are."
    )
    left, right = st.columns([1.6, 1], gap="medium")
    address = left.selectbox("Judge", addresses, key="instructions_judge", persist_state="session")
    model = right.text_input(
        "Model", "llama3.1", 100, key="instructions_judge_model", persist_state="session"
    )
    if st.button("Ask the judge", icon=":material/gavel:", key="instructions_judge_ask"):
        ask(address, model, items, given)


def ask(address: str, model: str, items: Sequence[Item], given: Sequence[str]) -> None:
    """One question for each answer; the first that fails is said, and ends it."""
    found: dict[tuple[Item, str], int] = {}
    bar = st.progress(0.0, "Asking the judge …")
    try:
        judge = Judge(address=address, model=model)
        for number, (item, text) in enumerate(zip(items, given, strict=True), start=1):
            found[item, text] = judge.score(item, text)
            bar.progress(number / len(items), f"{number} of {len(items)} judged")
    except ValueError as error:
        bar.empty()
        reason = safe(str(error))
        st.warning(f"{reason[:1].upper()}{reason[1:]}.", icon=":material/gavel:")
    state.note(NOTED, found or None)


def scores_of(items: Sequence[Item], given: Sequence[str]) -> list[str]:
    """What the judge said of these answers; a dash where it was not asked."""
    found = state.noted(NOTED) or {}
    return [str(found.get(pair, "–")) for pair in zip(items, given, strict=True)]


def numbers(scores: Mapping[str, float], families: Sequence[str]) -> dict[str, object]:
    """What the lesson's sentences are filled with."""
    exact = by_family(scores, "exact", families)
    return {
        "families": len(families),
        "exact": percent(float(exact.mean())),
        "stopped": percent(float(by_family(scores, "stopped", families).mean())),
        "best": families[int(exact.argmax())],
        "best_family": families[int(exact.argmax())] if exact.max() > exact.min() else None,
        "best_share": percent(float(exact.max())),
        "worst": families[int(exact.argmin())],
        "worst_share": percent(float(exact.min())),
        "surprise": shown(scores.get("surprise", math.nan)),
    }
