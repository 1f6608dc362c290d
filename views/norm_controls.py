"""What the Layer norm page draws by hand or of a token, and its sentences."""

import numpy as np
import streamlit as st

from core.normalisation import WIDTH, UntrainedStack
from views import normalising, ui
from views.activations.bends import Change
from views.figures.base import visible
from views.here import Here
from views.layer_norm.controls import Chosen
from views.normalising import BOOK, LARGEST, PLACES, SOURCES, Settings, Sites
from views.phrases import count_of
from views.text import percent, safe, shown
from views.vocabulary import piece_name

MOST = 12  # numbers by hand: so many are written on their bars


def by_hand(settings: Settings) -> tuple[np.ndarray, Settings]:
    """Numbers of one's own, with one scale and one shift for all."""
    left, middle, right = st.columns([3, 1, 1], gap="medium", vertical_alignment="bottom")
    book = " ".join(f"{number:g}" for number in BOOK)
    written = left.text_input(
        f"The vector: 1 to {MOST} numbers", book, key="layer_norm_hand", max_chars=200, **ui.KEEP
    )
    scale = middle.slider("Scale", -3.0, 3.0, 1.0, 0.1, key="layer_norm_scale", **ui.KEEP)
    shift = right.slider("Shift", -3.0, 3.0, 0.0, 0.1, key="layer_norm_shift", **ui.KEEP)
    vector, problem = numbers_of(written)
    if problem:
        st.caption(f":material/info: {safe(problem)}")
    return vector, Settings(settings.eps, settings.unbiased, scale, shift)


def numbers_of(text: str) -> tuple[np.ndarray, str]:
    """The numbers of a text, at least one and at most MOST, and what could not be taken as such."""
    words = text.replace("−", "-").replace(",", " ").split()
    found = [number_of(word) for word in words[:MOST]]
    odd = [word for word, number in zip(words, found, strict=False) if number is None]
    problems = [
        f"«{odd[0]}» is no number up to {LARGEST:,.0f} and counts as 0." if odd else "",
        "Nothing is written: one 0 is taken." if not words else "",
        f"{len(words)} numbers are too many: the first {MOST} are taken." if len(words) > MOST else "",
    ]
    told = " ".join(one for one in problems if one)
    hint = " Write numbers with spaces between, as in 0.5 -1 3." if told else ""
    return np.array([number or 0.0 for number in found or [0.0]], dtype=np.float32), told + hint


def number_of(word: str) -> float | None:
    """A number that can be drawn; None for anything else."""
    try:
        number = float(word)
    except ValueError:
        return None
    return number if abs(number) <= LARGEST else None  # which "nan" and "inf" are not


def of_token(here: Here, chosen: Chosen) -> tuple[np.ndarray, Settings]:
    """The chosen token's vector where the chosen norm reads it, and how it is normalised there."""
    vector = normalising.entering(normalising.inside(here), here.config, here.layer, chosen.place)[here.token]
    own = (
        normalising.own_settings(here, here.layer, chosen.place, chosen.settings) if chosen.learned else None
    )
    return vector, own or chosen.settings


def where(here: Here, chosen: Chosen) -> str:
    """Which norm is looked at."""
    inner = f"the norm at {PLACES[chosen.place]} in layer {here.layer}"
    return "the last norm" if chosen.place == "final_norm" else inner


def whose(here: Here, chosen: Chosen) -> str:
    """Whose vector is shown, and whether the model has a norm there."""
    if chosen.source == SOURCES[1]:
        return "The numbers at first are those of the book, section 4.2."
    token = visible(piece_name(here.prompt.pieces[here.token]))
    model, place = safe(here.model_name), where(here, chosen)
    if normalising.own_settings(here, here.layer, chosen.place, chosen.settings) is None:
        return f"{model}, «{safe(token)}». It was trained without {place}: this is what one would do."
    said = "with the learned scale and shift" if chosen.learned else "before the learned scale and shift"
    orange = "Orange: mean and one standard deviation; ticks: as it was."
    return f"{model}, «{safe(token)}», {place}, {said}. {orange}"


def sites_sentence(here: Here, sites: Sites) -> str:
    """How the stream grows, and what the layers read of it."""
    before, after = sites.sizes()
    none = " It has no norms: this is what they would do." if here.config.norm == "none" else ""
    return (
        f"{safe(here.model_name)}, all tokens of the prompt: the stream goes from size "
        f"{shown(float(before[0]))} to {shown(float(before[-1]))}; after the norms it is "
        f"{shown(float(after.min()))} to {shown(float(after.max()))}.{none}"
    )


def stack_sentence(sizes: dict[str, list[float]], stack: UntrainedStack) -> str:
    """Where the three streams end."""
    ends = ", ".join(f"{norm} {shown(values[-1])}" for norm, values in sizes.items())
    return (
        f"Untrained GPTs of width {WIDTH}, same seed, read the prompt: from {shown(sizes['pre'][0])} to "
        f"{ends} after {count_of(stack.depth, 'block')}."
    )


def bare_sentence(here: Here, bare: Change | None) -> str:
    """What becomes of the prediction, or why there is nothing to take out."""
    if here.config.norm == "none":
        return "This model was trained without norms: there is nothing to take out."
    if here.config.norm == "post":
        return "This model's norms stand in the stream itself, after each sum: they cannot be stepped around."
    if bare is None:
        return "Without its norms this model's numbers leave what 32 bits can hold: there is no prediction."
    return (
        f"{percent(bare.moved)} of the next token's probability moves elsewhere. The weights were trained "
        "with norms: this is a look, not a model that was trained without."
    )


def numbers(here: Here, chosen: Chosen, sites: Sites, sizes: dict[str, list[float]]) -> dict[str, object]:
    """What the lesson's sentences are filled with."""
    x = normalising.entering(normalising.inside(here), here.config, here.layer, chosen.place)  # (T, C)
    spreads = x.var(axis=1)
    plain, width = Settings(chosen.settings.eps), x.shape[1]
    normed = plain.apply(x)
    out, after_each = normed[here.token], normed.var(axis=1)
    before, after = sites.sizes()
    return {
        "token": visible(piece_name(here.prompt.pieces[here.token])),
        "where": where(here, chosen),
        "variance": float(spreads[here.token]),
        "out_variance": f"{out.var():.4f}",
        "eps": f"{chosen.settings.eps:g}",
        "tokens": len(x),
        "low": float(spreads.min()),
        "high": float(spreads.max()),
        "low_out": float(after_each.min()),
        "high_out": float(after_each.max()),
        "width": width,
        "unbiased": f"{1 - ((width - 1) / width) ** 0.5:.2%}",
        "six": f"{1 - (5 / 6) ** 0.5:.1%}",
        "first": float(before[0]),
        "last": float(before[-1]),
        "read_low": float(after.min()),
        "read_high": float(after.max()),
        "start": sizes["pre"][0],
        **{norm: values[-1] for norm, values in sizes.items()},
        "blocks": len(sizes["pre"]) - 1,
    }
