"""What attention costs: memory and work by the length of the text."""

import numpy as np
import streamlit as st

from core.attention_cost import crossover, weight_bytes, work
from core.config import GPT2_SMALL, GPTConfig
from views import state, ui
from views.figures.attention_cost import CostCurve, cost_curves
from views.here import Here
from views.lessons import lesson
from views.phrases import phrase
from views.text import percent

LENGTHS = {f"{2**power:,}": 2**power for power in range(4, 18)}
UNITS = ((2**40, "TiB"), (2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB"), (1, "bytes"))
THIS, GPT2 = "this model", "GPT-2 small"


def draw(here: Here) -> None:
    """The slider, the picture, and the sum."""
    st.markdown(lesson("attention/cost").introduction)
    slider, *sums = st.columns([2, 1, 1], gap="large")
    chosen = state.choice(
        slider.select_slider,
        "Length of the text (tokens)",
        list(LENGTHS),
        value="1,024",
        key="attention_length",
        **ui.KEEP,
    )
    tokens, models = LENGTHS[chosen], {THIS: here.config, GPT2: GPT2_SMALL}
    for column, (name, config) in zip(sums, models.items(), strict=True):
        column.metric(f"Attention weights, {name}", memory(weight_bytes(config, tokens)))
    lengths = np.array(list(LENGTHS.values()))
    sentence = told(here.config, tokens)
    ui.figure(
        cost_curves(
            lengths, [curve(name, one, lengths) for name, one in models.items()], tokens, ui.palette()
        ),
        key="attention_cost",
        alt=sentence,
        caption=phrase("attention", "one_text"),
    )
    st.markdown(sentence)
    ui.explain("attention/cost", **numbers(here.config, tokens))
    ui.show_code(weight_bytes, work, crossover)


def curve(name: str, config: GPTConfig, lengths: np.ndarray) -> CostCurve:
    """The work of one model by length."""
    found = [work(config, int(length)) for length in lengths]
    meeting = crossover(config)
    level = meeting * work(config, 1).rest
    attention, rest = (np.array([float(one) for one in part]) for part in zip(*found, strict=True))
    return CostCurve(name, attention, rest, meeting, level)


def memory(count: int) -> str:
    """Bytes in the largest unit that leaves a whole one."""
    size, unit = next((size, unit) for size, unit in UNITS if count >= size or size == 1)
    value = count / size
    return f"{value:,.0f} {unit}" if value >= 100 or value == int(value) else f"{value:.3g} {unit}"


def told(config: GPTConfig, tokens: int) -> str:
    """The sums in words."""
    models = {phrase("attention", "this_model"): config, GPT2: GPT2_SMALL}
    return " ".join(
        phrase(
            "attention",
            "sum",
            name=name,
            layers=one.n_layers,
            heads=one.n_heads,
            tokens=tokens,
            memory=memory(weight_bytes(one, tokens)),
            share=percent(work(one, tokens).share),
        )
        for name, one in models.items()
    )


def numbers(config: GPTConfig, tokens: int) -> dict[str, object]:
    """What the lesson's sentences are filled with."""
    return {
        "tokens": tokens,
        "double": 2 * tokens,
        "now": memory(weight_bytes(config, tokens)),
        "then": memory(weight_bytes(config, 2 * tokens)),
        "crossing": f"{crossover(config):,.0f}",
        "gpt2": f"{crossover(GPT2_SMALL):,.0f}",
        "trained": config.context_length,
        "share": percent(work(config, config.context_length).share),
    }
