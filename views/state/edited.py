"""What was changed in the model by hand: held in the address, on every page, until it is taken back."""

import streamlit as st

from core.config import GPTConfig
from core.interventions import Edit
from views.edits import MOST_EDITS, code_of, edits_of, fitting


def edits() -> tuple[Edit, ...]:
    """All edits of the address, whatever model they are for."""
    return edits_of(st.session_state.get("edits", ""))


def edits_for(config: GPTConfig) -> tuple[Edit, ...]:
    """Those that this model has the parts for. The others wait for a model that has them."""
    return fitting(edits(), config)


def set_edits(new: tuple[Edit, ...]) -> None:
    """Make these the edits, in a callback."""
    st.session_state["edits"] = ",".join(map(code_of, dict.fromkeys(new[:MOST_EDITS])))


def add_edit(edit: Edit) -> None:
    """One edit more; the newest last. Another of the same part takes the place of the one before."""
    set_edits((*(one for one in edits() if part_of(one) != part_of(edit)), edit))


def add_patch(edit: Edit, text: str) -> None:
    """A patch from this text."""
    st.session_state["other"] = text
    add_edit(edit)


def part_of(edit: Edit) -> tuple:
    """What an edit changes: a head is off by zero or by its mean, not both."""
    return (edit.kind, edit.layer, edit.head, edit.token, edit.position)


def remove_edit(edit: Edit) -> None:
    """Take one edit back."""
    set_edits(tuple(one for one in edits() if one != edit))


def remove_edits() -> None:
    """Take all of them back."""
    set_edits(())


def other_text() -> str:
    """The text that patches take their values from."""
    return st.session_state.get("other", "")


def other_field(text: str) -> None:
    """The field for the text that patches take their values from; `text` stands in it."""
    st.session_state["other_written"] = text

    def written() -> None:
        st.session_state["other"] = st.session_state["other_written"]

    st.text_area("Other text, of as many tokens", key="other_written", height=80, on_change=written)


def heads_picker(config: GPTConfig) -> None:
    """The heads that are off, as a list to pick from: it follows the edits, and they follow it."""
    heads = [f"{layer}.{head}" for layer in range(config.n_layers) for head in range(config.n_heads)]
    off = [edit for edit in edits_for(config) if edit.kind == "head"]
    st.session_state["heads_off"] = [f"{edit.layer}.{edit.head}" for edit in off]

    def picked() -> None:
        ways = {(edit.layer, edit.head): edit for edit in off}
        names = [name for name in st.session_state["heads_off"] if name in heads]  # a message may hold others
        wanted = [tuple(map(int, name.split("."))) for name in names]
        chosen = (ways.get(cell) or Edit(kind="head", layer=cell[0], head=cell[1]) for cell in wanted)
        set_edits((*(edit for edit in edits() if edit not in off), *chosen))

    st.multiselect("Switch heads off (layer.head)", heads, key="heads_off", on_change=picked)
