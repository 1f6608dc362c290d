"""The controls of the Anatomy page: a model's numbers, and what to do where they do not fit together."""

from contextlib import suppress
from dataclasses import dataclass, fields, replace

import streamlit as st

from core.anatomy import nearest_valid
from core.config import CLASSROOM, GPT2_LARGE, GPT2_MEDIUM, GPT2_SMALL, GPT2_XL, TINY, GPTConfig
from views import state, ui
from views.here import Here
from views.phrases import count_of

LINKED = "linked"
PRESETS = {
    "tiny": ("Tiny", TINY),
    "classroom": ("Classroom", CLASSROOM),
    "tables": ("Classroom, GPT-2's vocabulary", replace(CLASSROOM, vocab_size=GPT2_SMALL.vocab_size)),
    "small": ("GPT-2 small", GPT2_SMALL),
    "small_tied": ("GPT-2 small, tied", replace(GPT2_SMALL, tie_weights=True)),
    "medium": ("GPT-2 medium", GPT2_MEDIUM),
    "large": ("GPT-2 large", GPT2_LARGE),
    "xl": ("GPT-2 XL", GPT2_XL),
}
KEY, GOOD = "anatomy_", "anatomy_good"
NEAREST = {"n_heads": "heads", "emb_dim": "as width"}  # what is changed so that numbers fit, best first


@dataclass(frozen=True)
class Control:
    """One slider: the field that it sets, what it is called, and its ends."""

    field: str
    label: str
    least: int
    most: int
    help: str


CONTROLS = (
    Control(
        "vocab_size", "Vocabulary V", 2, 100_352, "Tokens that the model knows: a row of the tables each"
    ),
    Control(
        "context_length", "Context T", 8, 4096, "The longest text, in tokens; GPT-2 reads 1,024, GPT-3 2,048"
    ),
    Control(
        "emb_dim", "Width C", 8, 2048, "Numbers for each token; wider than GPT-2 XL would hide all others"
    ),
    Control("n_heads", "Heads H", 1, 32, "They share the width: it must be a multiple of their number"),
    Control("n_layers", "Blocks L", 1, 96, "Each is used once; 96 as in GPT-3"),
)


def chosen_config(here: Here) -> GPTConfig:
    """The model that the controls describe; while they describe none, the nearest that can be built.

    It depends on the controls alone, so that an address shows the same to everybody.
    """
    base = base_of(here)
    columns = st.columns(len(CONTROLS))
    numbers = {
        one.field: column.slider(
            one.label,
            min(one.least, getattr(base, one.field)),
            max(one.most, getattr(base, one.field)),
            getattr(base, one.field),
            key=KEY + one.field,
            help=one.help,
            **ui.KEEP,
        )
        for one, column in zip(CONTROLS, columns, strict=True)
    }
    config = built(base, numbers)
    state.note(GOOD, config)  # for the notebook cell
    return config


def built(base: GPTConfig, numbers: dict[str, int]) -> GPTConfig:
    """The model of these numbers; where they break a rule, it is said, and one of them gives way."""
    try:
        return replace(base, **numbers, **switches())
    except ValueError as rule:
        fitting = fits(replace(base, **switches()), numbers)
        offer(fitting, str(rule))
        return replace(base, **numbers | dict([*fitting.items()][:1]), **switches()) if fitting else base


def base_of(here: Here) -> GPTConfig:
    """The model to start from: a new choice sets all controls, which then move freely."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        names = {LINKED: "The model on the left"}
        names |= {key: name for key, (name, _) in PRESETS.items()}
        picked = state.choice(
            st.selectbox,
            "Start from",
            list(names),
            format_func=names.__getitem__,
            key=f"{KEY}preset",
            width=280,
            **ui.KEEP,
        )
        base = here.config if picked == LINKED else PRESETS[picked][1]
        if state.took_over(f"{KEY}base", base):  # at first the address may hold numbers of its own
            set_controls(base)
        st.toggle("One table for both ends (tied)", base.tie_weights, key=f"{KEY}tie_weights", **ui.KEEP)
        st.toggle("Bias for Q, K, V", base.qkv_bias, key=f"{KEY}qkv_bias", **ui.KEEP)
    return base


def set_controls(config: GPTConfig) -> None:
    """Let all controls stand as in this model."""
    for field in (*(one.field for one in CONTROLS), "tie_weights", "qkv_bias"):
        state.set_control(KEY + field, getattr(config, field))


def switches() -> dict[str, bool]:
    """The two toggles."""
    return {name: bool(state.control(KEY + name)) for name in ("tie_weights", "qkv_bias")}


def fits(base: GPTConfig, numbers: dict[str, int]) -> dict[str, int]:
    """For each field that could give way, the nearest value with which the numbers make a model."""
    found = {}
    for field in NEAREST:
        with suppress(ValueError):
            found[field] = nearest_valid(base, field, numbers)
    return found


def offer(fitting: dict[str, int], rule: str) -> None:
    """The rule that was broken, and the nearest numbers that keep it; with the first of them is drawn."""
    drawn = [f" Below stands the one with {value} {NEAREST[field]}." for field, value in fitting.items()][:1]
    st.warning(f"{ui.safe(rule)}.{''.join(drawn)}", icon=":material/rule:")
    with st.container(horizontal=True):
        for field, value in fitting.items():
            st.button(
                f"Take {value} {NEAREST[field]}",
                key=f"{KEY}take_{field}",
                on_click=state.set_control,
                args=(KEY + field, value),
            )


def name_of(config: GPTConfig, here: Here) -> str:
    """What a config is called: a preset's name, the linked model's, or its sizes."""
    known = {shape_of(preset): name for name, preset in PRESETS.values()} | {
        shape_of(here.config): here.choice.label
    }
    blocks, heads = count_of(config.n_layers, "block"), count_of(config.n_heads, "head")
    own = f"{blocks} × {heads} × {config.emb_dim}"
    return known.get(shape_of(config), own)


def shape_of(config: GPTConfig) -> tuple:
    """What decides over parts, shapes and work; dropout and the like do not."""
    return tuple(getattr(config, field.name) for field in fields(config) if field.name != "drop_rate")
