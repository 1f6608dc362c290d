"""Past the trained length: the loss by place, and why some models can read on and others cannot."""

import streamlit as st

from core.long_context import losses_by_position, stretched
from core.positions import rotate
from views import ui
from views.cache.long_context import ByPlace, past_the_context
from views.figures.long_context import loss_by_place
from views.here import Here
from views.lessons import lesson
from views.phrases import phrase
from views.text import safe, shown


def draw(here: Here) -> None:
    """The picture, and what it says."""
    st.markdown(lesson("attention/far").introduction)
    found = past_the_context(here.untouched)
    if found is None:
        st.info(phrase("attention", "no_text"))
        return
    sentence = told(found)
    ui.figure(
        loss_by_place(found.places, found.losses, found.trained, found.read, ui.palette()),
        key="attention_far",
        alt=sentence,
        caption=caption(found, here.model_name),
    )
    st.markdown(sentence)
    ui.explain("attention/far", kind=phrase("attention", here.config.position), **numbers(found))
    ui.show_code(stretched, losses_by_position, rotate)


def halves(found: ByPlace) -> tuple[float, float | None]:
    """Mean loss of the second half of the trained length, and of what lies beyond it."""
    late = (found.places > found.trained / 2) & (found.places <= found.trained)
    beyond = found.places > found.trained
    within = found.losses[late] if late.any() else found.losses
    return float(within.mean()), float(found.losses[beyond].mean()) if beyond.any() else None


def caption(found: ByPlace, model: str) -> str:
    """What was measured."""
    text = phrase("attention", found.text)
    return phrase("attention", "windows", model=safe(model), count=found.windows, text=text)


def told(found: ByPlace) -> str:
    """The picture in words."""
    within, beyond = halves(found)
    if beyond is not None:
        places = {"half": found.trained // 2 + 1, "trained": found.trained, "past": found.trained + 1}
        return phrase("attention", "places", within=within, beyond=beyond, read=found.read, **places)
    if found.refused:
        return phrase("attention", "refused", words=safe(found.refused))
    return phrase("attention", "too_large", wanted=2 * found.trained, read=found.read)


def numbers(found: ByPlace) -> dict[str, object]:
    """What the lesson's sentences are filled with."""
    within, beyond = halves(found)
    first = float(found.losses[0])
    change = phrase("attention", "not_here")
    if beyond is not None:
        which = "more" if beyond >= within else "less"
        change = phrase("attention", which, nats=shown(abs(beyond - within)))
    more = "" if first > within else phrase("attention", "no_help")
    return {
        "first": first,
        "within": within,
        "first_more": more,
        "change": change,
        "trained": found.trained,
    }
