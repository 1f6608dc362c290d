"""Mistakes: what is taken for what, of texts that the run never learned from, and the texts themselves."""

import numpy as np
import pandas as pd
import streamlit as st
import torch

from core.classify import confusion_matrix
from views import ui
from views.cache import classification as cached
from views.cache.classification import Sorted
from views.classification.seen import Seen
from views.figures.classification import confusion
from views.text import percent, safe

MOST_SHOWN = 20  # texts of one cell


def draw(seen: Seen) -> None:
    """The table of what was sorted as what, and the texts of one of its cells."""
    found = seen.sorted_texts("judge")
    counts = counted(found, len(seen.classes))
    sentence = mistakes_sentence(found, seen)
    left, right = st.columns([1, 1.2], gap="large")
    with left:
        ui.figure(
            confusion(counts, seen.classes, ui.palette()),
            key="classification_confusion",
            alt=sentence,
            caption=sentence,
        )
    with right:
        texts_of_a_cell(seen, found, counts)


def counted(found: Sorted, classes: int) -> np.ndarray:
    """How many texts of each class were put into each: (K, K)."""
    pair = (torch.from_numpy(found.labels), torch.from_numpy(found.predicted))
    return confusion_matrix(*pair, classes).numpy()


def texts_of_a_cell(seen: Seen, found: Sorted, counts: np.ndarray) -> None:
    """The texts of one cell, those first of which the model was surest."""
    cells = sorted(
        ((row, column) for row, column in np.ndindex(*counts.shape) if counts[row, column]),
        key=lambda cell: (cell[0] == cell[1], -counts[cell]),
    )
    names = {f"{row}-{column}": cell_name(seen, row, column, counts) for row, column in cells}
    cell = st.selectbox(
        "The texts of one cell",
        list(names),
        format_func=lambda cell: names.get(cell, cell),
        key="classification_cell",
        persist_state="session",
    )
    row, column = map(int, cell.split("-"))
    places = np.flatnonzero((found.labels == row) & (found.predicted == column))
    places = places[np.argsort(-found.probs[places, column])][:MOST_SHOWN]
    sure = [percent(float(found.probs[place, column])) for place in places]
    st.dataframe(
        pd.DataFrame({"how sure": sure, "text": [found.texts[place] for place in places]}),
        hide_index=True,
        key="classification_texts_of_cell",
    )


def cell_name(seen: Seen, row: int, column: int, counts: np.ndarray) -> str:
    """What a cell holds, in words."""
    one, other = seen.classes[row], seen.classes[column]
    return (
        f"{one}, sorted rightly ({counts[row, column]})"
        if row == column
        else f"{one} taken for {other} ({counts[row, column]})"
    )


def mistakes_sentence(found: Sorted, seen: Seen) -> str:
    """How many were sorted rightly, and how many guessing would get."""
    right, count = int((found.predicted == found.labels).sum()), len(found.labels)
    held_out = len(cached.parts(seen.now.run_id).judge.texts)
    some = f"{count} of the {held_out}" if count < held_out else f"the {count}"
    return (
        f"{safe(seen.name)} sorts {right} of {some} held-out texts rightly ({percent(right / count)}); "
        f"guessing would get about {percent(1 / len(seen.classes))}."
    )
