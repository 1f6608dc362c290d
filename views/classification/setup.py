"""Before a run: the labelled texts, and how one of them is read."""

import pandas as pd
import streamlit as st

from core.class_data import CLASS_DATA
from core.labelled import Labelled, balanced, split
from runs.tuning import Base, Classify
from views import components, state, tuning, ui
from views.cache import classification as cached
from views.classification.reading import padded_pieces, read_at, reading_sentence
from views.classification.settings import Settings
from views.here import Here
from views.text import safe

PAGE = "classification"
EXAMPLES, ROWS = 20, 6


def draw(here: Here, chosen: Settings) -> Classify | None:
    """The texts and one of them as tokens, how it learns, and the button; what would be learned.

    None for a table of one's own that cannot be learned from: it says why.
    """
    texts = None
    try:
        chosen.made(Base(), None)
        texts = chosen.texts
    except ValueError as problem:
        st.info(f"{safe(str(problem))}.", icon=":material/table:")
    else:
        one_text(here, chosen, texts)
    tuning.controls(PAGE)
    tuning.start(PAGE, chosen.made)
    if texts is None:
        return None
    learned = described(chosen)
    table(chosen, texts)
    return learned


def described(chosen: Settings) -> Classify | None:
    """The fine-tuning as Start would begin it, adapters included; None, and why, where it cannot be."""
    try:
        return chosen.made(Base(), tuning.lora_of(PAGE))
    except ValueError as problem:
        st.info(f"{safe(str(problem))}.", icon=":material/tune:")
        return None


def one_text(here: Here, chosen: Settings, texts: Labelled) -> None:
    """One text as the classifier gets it: its tokens, the padding, and the token that is read."""
    some = sorted(range(min(EXAMPLES, len(texts.texts))), key=lambda row: len(texts.texts[row]))
    row = some[state.place_slider("Text, from short to long", "classification_example", len(some))]
    text, label = texts.texts[row], texts.classes[texts.labels[row]]
    pieces, tokens = padded_pieces(text, here.tokenizer, chosen.length)
    sentence = reading_sentence(tokens, chosen.length, chosen.read, ", framed")
    st.markdown(f"**{safe(label)}**")
    components.token_chips(
        pieces,
        picked=read_at(tokens, chosen.length, chosen.read),
        key="classification_chips",
        label=sentence,
        on_pick=ignore,
    )
    ui.below("classification_chips", lambda: pieces_table(pieces), sentence, ("png",), large=True)


def ignore(place: int) -> None:
    """A click on a token changes nothing: which one is read is the control's."""


def pieces_table(pieces: list) -> pd.DataFrame:
    """The tokens with their ids."""
    return pd.DataFrame(
        {"place": range(len(pieces)), "token": [one.text for one in pieces], "id": [one.id for one in pieces]}
    )


def table(chosen: Settings, texts: Labelled) -> None:
    """Some rows, how many of each class there are, and what becomes of them."""
    st.header("The texts")
    st.markdown(data_sentence(texts))
    rows = {"label": [texts.classes[k] for k in texts.labels[:ROWS]], "text": texts.texts[:ROWS]}
    st.dataframe(pd.DataFrame(rows), hide_index=True, key="classification_rows")
    if chosen.data:
        about = CLASS_DATA[chosen.data]
        st.caption(
            f"{about.about[0].upper()}{about.about[1:]}. Source: {about.source}. Licence: {about.licence}."
        )
    elif notes := cached.own_table(chosen.csv).notes:
        st.caption(safe(" ".join(notes)))


def data_sentence(texts: Labelled) -> str:
    """How many rows there are, how many stay where all classes are to be even, and how they are split."""
    counts = {name: texts.labels.count(k) for k, name in enumerate(texts.classes)}
    each = ", ".join(f"{safe(name)} {count:,}" for name, count in counts.items())
    sizes = [len(part.texts) for part in split(balanced(texts))]
    uneven = len(set(counts.values())) > 1
    even = (
        f" So that guessing one class pays nothing, {min(counts.values()):,} of each stay." if uneven else ""
    )
    return (
        f"{len(texts.texts):,} rows: {each}.{even} {sizes[0]:,} are learned from, {sizes[1]:,} watched "
        f"while it learns, {sizes[2]:,} judge it at the end."
    )
