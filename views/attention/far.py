"""Past the trained length: the loss by place, and why some models can read on and others cannot."""

import streamlit as st

from core.long_context import losses_by_position, stretched
from core.positions import rotate
from views import ui
from views.cache.long_context import ByPlace, past_the_context
from views.figures.long_context import loss_by_place
from views.here import Here
from views.text import safe, shown

KINDS = {
    "learned": "a learned table: one row for each place, and none after the last",
    "sinusoidal": "fixed waves of sines and cosines, which can be computed for any place",
    "rotary": "rotary: queries and keys are turned by their place, so that a score depends on the distance",
    "none": "no positions at all: only the mask tells one place from another",
}


def draw(here: Here) -> None:
    """The picture, and what it says."""
    st.markdown(ui.words_of("attention/far").introduction)
    found = past_the_context(here.untouched)
    if found is None:
        st.info("There is no text here that this model's tokenizer can read: choose another model.")
        return
    sentence = told(found)
    ui.figure(
        loss_by_place(found.places, found.losses, found.trained, found.read, ui.palette()),
        key="attention_far",
        alt=sentence,
        caption=f"{safe(here.model_name)}, without changes by hand: {found.windows} overlapping windows of "
        f"{found.text}, means of neighbouring places.",
    )
    st.markdown(sentence)
    ui.explain("attention/far", kind=KINDS[here.config.position], **numbers(found))
    ui.show_code(stretched, losses_by_position, rotate)


def halves(found: ByPlace) -> tuple[float, float | None]:
    """Mean loss of the second half of the trained length, and of what lies beyond it."""
    late = (found.places > found.trained / 2) & (found.places <= found.trained)
    beyond = found.places > found.trained
    within = found.losses[late] if late.any() else found.losses
    return float(within.mean()), float(found.losses[beyond].mean()) if beyond.any() else None


def told(found: ByPlace) -> str:
    """The picture in words."""
    within, beyond = halves(found)
    if beyond is not None:
        return (
            f"Places {found.trained // 2 + 1:,} to {found.trained:,} cost {within:.2f} nats a token, places "
            f"{found.trained + 1:,} to {found.read:,}, which it never saw in training, {beyond:.2f}."
        )
    if found.refused:
        return f"This model cannot read on. It says: *{safe(found.refused)}*."
    return (
        f"This model is too large to read {2 * found.trained:,} tokens while you wait: it was measured up to "
        f"place {found.read:,}."
    )


def numbers(found: ByPlace) -> dict[str, object]:
    """What the lesson's sentences are filled with."""
    within, beyond = halves(found)
    first = float(found.losses[0])
    change = "could not be measured here"
    if beyond is not None:
        times = "more" if beyond >= within else "less"
        change = f"cost {shown(abs(beyond - within))} nats {times} than the last that it knows"
    return {"first": first, "within": within, "change": change, "trained": found.trained}
