"""What temperature divides: the logits; and why it is not the probabilities."""

import numpy as np
import streamlit as st
import torch

from core.sampling import next_token_probs
from core.temperature import cooled_then_cut, cut_then_cooled, divided_probs, kept_by_top_p, renormalised
from views import cache, next_token, state, ui
from views.figures.base import visible
from views.figures.draws import divided_bars
from views.sampling.walk import Walk
from views.text import percent, power_of_ten, safe

SHOWN = 12  # tokens
ONLY, RENORMALISED = "÷ T", "÷ T, then renormalise"
USUAL_K, USUAL_P = 10, 0.9  # where the controls cut nothing


def dividing(now: Walk) -> dict[str, object]:
    """Both divisions side by side; returns what the lesson is filled with."""
    way = state.choice(
        st.segmented_control,
        "Divide the probabilities",
        (ONLY, RENORMALISED),
        default=ONLY,
        required=True,
        key="sampling_divide",
        **ui.KEEP,
    )
    temperature = now.settings.temperature
    if not temperature:
        st.info(
            "Temperature is 0, and nothing can be divided by 0: it is a rule of its own, take the best "
            "token. Here it is shown at 0.05, the smallest step above it.",
            icon=":material/info:",
        )
        temperature = 0.05
    logits = cache.next_logits(now.here.look, now.ids).double()
    own = logits.softmax(-1)
    by_logits, divided = next_token_probs(logits, temperature=temperature), divided_probs(own, temperature)
    by_probs = divided if way == ONLY else renormalised(divided)
    best, names = next_token.likeliest(now.here.tokenizer, own.numpy(), SHOWN)
    sentence = division_sentence(own, by_logits, by_probs, temperature)
    ui.figure(
        divided_bars(
            names,
            *(values.numpy()[best] for values in (own, by_logits, by_probs)),
            ("logits ÷ T, then softmax (%)", f"probabilities {way} (%)"),
            ui.palette(),
        ),
        key="sampling_division",
        alt=f"{sentence} The likeliest is {visible(names[0])}",
        caption=safe(sentence),
    )
    return numbers(now, logits, temperature, own, by_logits)


def division_sentence(own: torch.Tensor, by_logits: torch.Tensor, by_probs: torch.Tensor, t: float) -> str:
    """What each division has changed."""
    if t == 1:
        return "T is 1, which divides nothing: move Temperature and watch both sides."
    total = float(by_probs.sum())
    before, after = (percent(float(probs.max())) for probs in (own, by_logits))
    left = f"Logits ÷ {t:g}: the best token goes from {before} to {after}. Probabilities ÷ {t:g}"
    if abs(total - 1) > 1e-9:
        return f"{left}: they add up to {total:.3f}, no longer to 1. Renormalise them."
    gap = float((by_probs - own).abs().max())
    return f"{left}, renormalised: the largest difference from the model's own is {small(gap)}."


def small(gap: float) -> str:
    """A difference that should be none."""
    return power_of_ten(gap) if gap else "exactly 0"


def numbers(
    now: Walk, logits: torch.Tensor, t: float, own: torch.Tensor, by_logits: torch.Tensor
) -> dict[str, object]:
    """What the lesson's sentences are filled with."""
    k, p = now.settings.top_k or USUAL_K, now.settings.top_p or USUAL_P
    orders = cut_then_cooled(logits, t, k) - cooled_then_cut(logits, t, k)
    after, before = kept_by_top_p(logits, t, p)
    gap = (renormalised(divided_probs(own, t)) - own).abs().max()
    return {
        "temperature": t,
        "moved": percent(float((by_logits - own).abs().max())),
        "gap": small(float(gap)),
        "k": k,
        "order_gap": small(float(orders.abs().max())),
        "p": f"{p:g}",
        "after": after,
        "before": before,
        "reordered": "no" if same_order(own.numpy(), by_logits.numpy()) else "some",
    }


def same_order(own: np.ndarray, by_logits: np.ndarray) -> bool:
    """Whether tokens in the order of one stand in the order of the other, too."""
    return bool((np.diff(by_logits[np.argsort(own, kind="stable")]) >= 0).all())
