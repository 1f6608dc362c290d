"""Step in: what was changed in the model, beside every page, and what that does to the next token."""

import numpy as np
import streamlit as st

from core.interventions import Edit
from views import next_token, state, ui
from views.edits import label_of
from views.figures.base import visible
from views.figures.probabilities import changed_bars
from views.here import Here
from views.prompt import read_prompt
from views.text import percent, safe

STRONGEST = 3.0  # times the stream's own length
BARS = 5


def sidebar() -> None:
    """The edits, each with a button that takes it back, and the menu that makes new ones."""
    here = state.here()
    with st.sidebar:
        with st.popover("Step in", icon=":material/build:", width="stretch"):
            menu(here)
        for number, edit in enumerate(here.edits):
            chip(number, edit, here)
        if len(here.edits) > 1:
            st.button("Take all back", key="edits_none", type="tertiary", on_click=state.remove_edits)
        if here.edits and here.prompt.ids:
            change(here)


def chip(number: int, edit: Edit, here: Here) -> None:
    """One edit: a click takes it back."""
    st.button(
        safe(label_of(edit, here.tokenizer)),
        key=f"edit_{number}",
        icon=":material/close:",
        width="stretch",
        help="Take this change back",
        on_click=state.remove_edit,
        args=(edit,),
    )


def menu(here: Here) -> None:
    """New edits, at the chosen layer, head and token."""
    st.markdown(f"Change layer {here.layer} on every page, and see what follows.")
    layer, head = here.layer, here.head
    for edit in (
        Edit(kind="head", layer=layer, head=head),
        Edit(kind="head", layer=layer, head=head, by="mean"),
        Edit(kind="attention", layer=layer),
        Edit(kind="mlp", layer=layer),
        Edit(kind="block", layer=layer),
    ):
        add_button(label_of(edit, here.tokenizer), edit)
    push_menu(here)


def push_menu(here: Here) -> None:
    """Push the stream towards a word."""
    word = st.text_input("Push the stream towards", " forest", key="push_word", **ui.KEEP)
    strength = st.slider("Times its length", -STRONGEST, STRONGEST, 1.0, key="push_strength", **ui.KEEP)
    ids = read_prompt(word, here.tokenizer, 8).ids
    if not ids:
        st.caption("Write a word that this model knows.")
        return
    edit = Edit(kind="push", layer=here.layer, token=ids[0], strength=round(strength, 3))
    add_button(label_of(edit, here.tokenizer), edit)


def add_button(label: str, edit: Edit) -> None:
    """A button that makes one edit."""
    st.button(safe(label), key=f"edit_{edit.kind}_{edit.by}", on_click=state.add_edit, args=(edit,))


def change(here: Here) -> None:
    """What the edits do to the next token: before and after, and how much moves."""
    before, after = (next_token.probabilities(look, here.prompt.ids) for look in (here.untouched, here.look))
    best, names = next_token.likeliest(here.tokenizer, np.maximum(before, after), BARS)
    moved = float(np.abs(before - after).sum() / 2)
    first, last = (next_token.likeliest(here.tokenizer, probs, 1)[1][0] for probs in (before, after))
    drawn = changed_bars(names, before[best], after[best], ui.palette())
    drawn.update_layout(height=60 + 26 * len(names), margin={"l": 76, "r": 4, "t": 30, "b": 40})
    sentence = f"{percent(moved)} of the next token's probability moves"
    words = f"«{visible(first)}» stays first" if first == last else f"«{visible(first)}» → «{visible(last)}»"
    ui.figure(drawn, key="edits_change", alt=f"{sentence}: {words}", caption=safe(f"{sentence}: {words}."))
