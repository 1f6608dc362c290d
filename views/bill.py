"""What a model costs: memory, work, and the time to train it, here and elsewhere."""

from dataclasses import dataclass

import streamlit as st

from core.anatomy import TOKENS_A_PARAMETER, YEAR, forward_flops, training_flops
from core.config import GPTConfig
from core.gpt import parameter_count
from views import state, ui
from views.cache.speed import measured_speed
from views.figures.anatomy import short
from views.text import power_of_ten

TOKENS = {  # to train on; None for so many a parameter
    "1 million": 1e6,
    "100 million": 1e8,
    f"{TOKENS_A_PARAMETER} a parameter": None,
    "10 billion": 1e10,
    "300 billion": 3e11,
}
BATCH = 8  # windows whose activations are kept
UNITS = ((YEAR, "years"), (86400, "days"), (3600, "hours"), (60, "minutes"), (1, "seconds"))


@dataclass(frozen=True)
class Bill:
    """The work of training, and how long it takes."""

    tokens: float
    work: float  # additions and multiplications
    here: float  # seconds on this server
    speed: float  # of this server, additions and multiplications a second
    gpu: float  # seconds on one GPU


def bill_of(config: GPTConfig) -> Bill:
    """Two controls, and what comes of them."""
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    names = list(TOKENS)
    chosen = state.choice(
        left.select_slider, "Tokens to train on", names, value=names[2], key="anatomy_tokens", **ui.KEEP
    )
    teraflops = right.number_input(
        "One GPU, TFLOP/s",
        1.0,
        10_000.0,
        100.0,
        10.0,
        key="anatomy_gpu",
        help="An assumption, yours to change: an A100 does at most 312, and a third of it in practice",
        **ui.KEEP,
    )
    tokens = TOKENS[chosen] or TOKENS_A_PARAMETER * parameter_count(config)
    work = training_flops(config, tokens)
    speed = measured_speed()
    return Bill(tokens, work, work / speed, speed, work / (teraflops * 1e12))


def duration(seconds: float) -> str:
    """A time as people say it."""
    for length, name in UNITS:
        if seconds >= 2 * length:
            count = seconds / length
            return f"{count:,.0f} {name}" if count >= 10 else f"{count:.1f} {name}"
    return f"{seconds:.2g} seconds"


def bill_sentence(config: GPTConfig, bill: Bill) -> str:
    """The sum in words, for screen readers and the back row."""
    gpu = f"{bill.gpu / YEAR:,.2g} GPU-years" if bill.gpu > YEAR / 100 else duration(bill.gpu)
    each = forward_flops(config, 1, config.context_length) / config.context_length
    return (
        f"One token costs {short(each)} additions and multiplications on the way there, three times that in "
        f"training. {short(bill.tokens)} tokens: {power_of_ten(bill.work)}. An estimate: this server trains "
        f"at {bill.speed / 1e9:.0f} GFLOP/s on one core, measured in a moment, and would need "
        f"**{duration(bill.here)}**; one GPU **{gpu}**."
    )


def bill_numbers(config: GPTConfig, bill: Bill) -> None:
    """The four numbers of the bill, large."""
    gpu = duration(bill.gpu) if bill.gpu < YEAR else f"{bill.gpu / YEAR:,.1f} GPU-years"
    told = {
        "Learned numbers": short(parameter_count(config)),
        "Work of training (FLOP)": power_of_ten(bill.work),
        "On this server, about": duration(bill.here),
        "On one such GPU, about": gpu,
    }
    for column, (name, value) in zip(st.columns(len(told)), told.items(), strict=True):
        column.metric(name, value)
