"""What the address may leave empty: a text. An empty choice would be none of its options."""

import streamlit as st

from views.state.choices import remember_address

LINKED = {"prompt", "other", "compare", "edits", "path", "present", "hide"}
SENTENCES = {"classification_message", "instructions_asked", "instructions_given", "layer_norm_hand"}
WORDS = {"attention_asks", "attention_answers", "push_word", "bring_path", "sampling_forced"}
SEARCHES = {f"embeddings_{name}" for name in ("find", "search", "word", "start", "minus", "plus")}
TEXTS = LINKED | SENTENCES | WORDS | SEARCHES


def forget_empty() -> None:
    """When a session begins: other parameters without a value are as if they were not there."""
    if st.session_state.get("arrived"):
        return  # by now widgets own theirs
    st.session_state["arrived"] = True
    remember_address()
    empty = [name for name in st.query_params if name not in TEXTS and "" in st.query_params.get_all(name)]
    for name in empty:
        del st.query_params[name]
    if empty:
        st.rerun()  # widgets read the address as it was when the run began
