"""Attention by hand: six words, three numbers each, one step at a time."""

import streamlit as st

from core import by_hand
from core.attention import mask_future, scale_scores
from core.by_hand import WORDS
from core.dropout import drop
from views import components, state, ui
from views.attention.steps import STEPS, Step
from views.here import Here
from views.lessons import lesson
from views.phrases import phrase
from views.tables.grid import matrices

WORD, STEP = "attention_word", "attention_step"
JOURNEY = "journey"  # the book's query


def pick_word(row: int) -> None:
    """A click on a row."""
    state.set_control(WORD, WORDS[row])


def word_picker() -> int:
    """The word that asks: its row."""
    chosen = state.choice(
        st.segmented_control, "Query", WORDS, default=JOURNEY, required=True, key=WORD, **ui.KEEP
    )
    return WORDS.index(chosen)


def go(steps: int) -> None:
    """One step back or on."""
    state.set_control(STEP, min(max(1, state.control(STEP) + steps), len(STEPS)))


def controls() -> tuple[int, int]:
    """Which step, from 0, and whose row."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        step = st.slider("Step", 1, len(STEPS), 1, key=STEP, width=340, **ui.KEEP)
        for label, icon, steps in (("Back", "arrow_back", -1), ("Next", "arrow_forward", 1)):
            st.button(
                label,
                icon=f":material/{icon}:",
                key=f"attention_{label.lower()}",
                on_click=go,
                args=(steps,),
                disabled=not 1 <= step + steps <= len(STEPS),
            )
        return step - 1, word_picker()


def sentence(step: Step, row: int) -> str:
    """The picked row of the result, in words."""
    cells = (f"{v:.4f}".replace("-inf", "−∞").replace("-", "−") for v in step.result.values[row] + 0.0)
    return f"«{WORDS[row]}»: {', '.join(cells)}"


def draw(here: Here) -> None:
    """The picture, its step and what to notice. The example is the book's: no model, and no prompt."""
    del here
    words = lesson("attention/by_hand")
    place, row = controls()
    step, told = STEPS[place], words.tries[place]
    named = {"number": place + 1, "label": told.label, "watch": told.watch}
    st.markdown(phrase("attention", "step", section=step.section, **named))
    components.matrix(
        step.source,
        step.result,
        picked=row,
        key="attention_by_hand",
        label=f"{told.label}. {step.result.title}, {sentence(step, row)}",
        on_pick=pick_word,
    )
    ui.below("attention_by_hand", lambda: matrices(step.source, step.result), sentence(step, row))
    ui.explain("attention/by_hand", **numbers(row), **of_step(place, row))
    ui.show_code(by_hand.attend, scale_scores, mask_future, drop, by_hand.split_heads)


def numbers(row: int) -> dict[str, object]:
    """What the sentences are filled with, for the row that is picked."""
    plain = by_hand.attend(by_hand.INPUTS)
    learned = by_hand.attend(by_hand.INPUTS, by_hand.even_projections())
    causal = by_hand.attend(by_hand.INPUTS, by_hand.linear_projections(789)[0], causal=True, drop_rate=0.5)
    best = int(plain.scores[row].argmax())
    return {
        "word": WORDS[row],
        "best": WORDS[best],
        "score": f"{plain.scores[row, best]:.4f}",
        "plain": f"{plain.weights[row, best]:.4f}",
        "learned": f"{learned.weights[row, best]:.4f}",
        "seen": row + 1,
        "kept": f"{causal.dropped[row].sum():.4f}",
    }


def of_step(place: int, row: int) -> dict[str, object]:
    """What the lesson says of the step that is shown, from 0: a number of another step is None."""
    all_of_them = numbers(row)
    word, best = WORDS[row], all_of_them["best"]
    long = "" if best == word else "A long vector matches many others well, not only itself."
    said = {  # the steps at which a bullet stands, and the numbers that are its alone
        range(3): {"points_to": best, "points": all_of_them["score"], "long": long},
        range(1, 3): {"shares": all_of_them["plain"]},
        range(3, 6): {"random": word},
        range(6, 8): {
            "untrained": word,
            "untrained_to": best,
            "untrained_share": all_of_them["learned"],
        },
        range(8, 11): {"masked": word},
        range(10, 11): {"dropped": all_of_them["kept"]},
        range(11, 13): {"both": word},
        range(13, 14): {"mixed": word},
    }
    return {
        name: value if place in steps else None
        for steps, found in said.items()
        for name, value in found.items()
    }
