"""What moved: how far each part of the model is from where the run began."""

import numpy as np
import pandas as pd
import streamlit as st

from core.weight_changes import KINDS
from views import ui
from views.cache import classification as cached
from views.classification.seen import Seen
from views.figures.classification import moved_map, short
from views.phrases import count_of
from views.tables.grid import listing


def draw(seen: Seen) -> None:
    """The heat map of changes, and in words where most of it is."""
    if seen.now == seen.first:
        st.info("Nothing has moved yet at the first step: choose a later checkpoint in the sidebar.")
        return
    blocks, around = cached.moved(seen.now, seen.first)
    around = {"class layer" if name == "output" else name: share for name, share in around.items()}
    sentence = moved_sentence(blocks, around, seen.now.step - seen.first.step)

    def table() -> pd.DataFrame:
        names = [f"block {layer}, {kind}" for layer in range(len(blocks)) for kind in KINDS] + list(around)
        return listing({"part": names, "moved (%)": [100 * x for x in (*blocks.ravel(), *around.values())]})

    ui.figure(
        moved_map(blocks, list(KINDS), around, ui.palette()),
        key="classification_moved",
        alt=sentence,
        caption=sentence,
        table=table,
    )


def moved_sentence(blocks: np.ndarray, around: dict[str, float], steps: int) -> str:
    """How many parts stood still, and which block moved most."""
    parts = [*blocks.ravel().tolist(), *around.values()]
    still = sum(value == 0 for value in parts)
    after = f"After {count_of(steps, 'step')}"
    if not blocks.any():
        return f"{after} all {blocks.size} parts of the blocks stand where they were: the new layer learned."
    layer, kind = np.unravel_index(int(blocks.argmax()), blocks.shape)
    frozen = (
        f"{still} of {len(parts)} parts {'stands' if still == 1 else 'stand'} exactly where "
        f"{'it was' if still == 1 else 'they were'}"
        if still
        else "every part has moved"
    )
    return (
        f"{after} {frozen}; of the blocks' parts, {list(KINDS)[kind]} of block {layer} moved most, by "
        f"{short(float(blocks.max()))} of its size."
    )
