"""The book's dummy model turned into the real one, block by block, on the linked model (book 4.1)."""

from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from core.interventions import Edit
from views import next_token, state, ui
from views.figures.base import visible
from views.here import Here
from views.look import Look
from views.phrases import count_of
from views.text import percent, safe

EMBEDDINGS, OUTPUT = 1, 2  # the first steps; each step after them makes one more block real
STEP = "anatomy_step"


@dataclass(frozen=True)
class Built:
    """A model that is built so far, and what it says."""

    step: int
    real: int  # blocks; all others pass their input through
    names: list[str]  # of the likeliest tokens
    probs: np.ndarray  # (K,)


def building_step(here: Here) -> int:
    """The picker of how far the model is built."""
    most = OUTPUT + here.config.n_layers
    if int(state.controls(STEP).get("", OUTPUT)) > most:  # another model had more blocks
        state.set_control(STEP, most)
    return st.slider("Building step", EMBEDDINGS, most, OUTPUT, key=STEP, **ui.KEEP)


def dummy_look(here: Here, real: int) -> Look:
    """The linked model with its first blocks alone: each of the others gives out what it was given."""
    off = tuple(Edit(kind="block", layer=layer) for layer in range(real, here.config.n_layers))
    return replace(here.untouched, edits=off)


def built(here: Here, step: int) -> Built:
    """The model at a step of its building."""
    real = max(0, step - OUTPUT)
    probs = next_token.probabilities(dummy_look(here, real), here.prompt.ids)
    best, names = next_token.likeliest(here.tokenizer, probs, 8)
    return Built(step, real, names, probs[best])


def stage_table(here: Here, found: Built) -> str:
    """What is built, and the shape that leaves it, as a table in markdown."""
    config, tokens = here.config, len(here.prompt.ids)
    wide = f"(1, {tokens}, {config.emb_dim})"
    rows = [("token ids", "", f"(1, {tokens})"), ("embedding", "real", wide)]
    if found.step >= OUTPUT:
        rows += [(f"block{spread(0, found.real)}", "real", wide)] if found.real else []
        rest = config.n_layers - found.real
        rows += [(f"block{spread(found.real, rest)}", "passes its input through", wide)] if rest else []
        rows += [
            ("final norm", "real", wide),
            ("output layer", "real", f"(1, {tokens}, {config.vocab_size:,})"),
        ]
    lines = ["| part | what it does | shape of what leaves it |", "|:--|:--|:--|"]
    return "\n".join(lines + [f"| {name} | {what} | `{shape}` |" for name, what, shape in rows])


def spread(first: int, count: int) -> str:
    """Some blocks in a row: ` 2`, or `s 2 to 5`."""
    return f" {first}" if count == 1 else f"s {first} to {first + count - 1}"


def built_sentence(here: Here, found: Built) -> str:
    """What the model says so far, beside the whole one."""
    layers = here.config.n_layers
    if found.step == EMBEDDINGS:
        return (
            f"Embeddings alone: {here.config.emb_dim} numbers for each token, and no word comes out: there "
            "is no output layer yet."
        )
    says = f"«{safe(visible(found.names[0]))}», {percent(float(found.probs[0]))}"
    if found.real == layers:
        blocks = "The one block is" if layers == 1 else f"All {layers} blocks are"
        return f"{blocks} real: {safe(here.model_name)} says {says}."
    whole = built(here, OUTPUT + layers)
    return (
        f"With {found.real} of {count_of(layers, 'block')} real the next token would be {says}; the "
        "whole model says "
        f"«{safe(visible(whole.names[0]))}», {percent(float(whole.probs[0]))}. The shape in the stream is "
        "the same all the way."
    )
