"""The map: each watched text as the vector that its answer is read from, coloured by its class."""

import pandas as pd
import streamlit as st

from views import state, ui
from views.cache import classification as cached
from views.classification.seen import Seen
from views.components.class_cloud import class_cloud
from views.components.cloud import frame_of
from views.phrases import count_of
from views.tables.grid import listing
from views.text import percent, safe

CHOSEN = "classification_point"


def draw(seen: Seen) -> None:
    """The cloud, and the text of the chosen point."""
    points, found = cached.places(seen.now, seen.last), seen.sorted_texts("watch")
    wrong = found.predicted != found.labels
    place = state.noted(CHOSEN)
    place = place if isinstance(place, int) and place < len(found.texts) else 0
    sentence = map_sentence(int((~wrong).sum()), len(wrong), seen)
    titles = axis_titles(seen.classes)
    class_cloud(
        points,
        found.texts,
        groups=found.labels,
        group_names=seen.classes,
        inks=seen.inks,
        wrong=wrong,
        chosen=place,
        titles=titles,
        frame=frame_of(cached.places(seen.last, seen.last)),
        key="classification_map",
        label=sentence,
        on_pick=lambda place: state.note(CHOSEN, place),
    )

    def table() -> pd.DataFrame:
        names = {"text": found.texts, "class": [seen.classes[k] for k in found.labels]}
        return listing(names | {title: points[:, axis] for axis, title in enumerate(titles)})

    ui.below("classification_map", table, sentence, ("png",), large=True)
    chances = found.probs[place]
    told = ", ".join(
        f"{safe(name)} {percent(float(p))}" for name, p in zip(seen.classes, chances, strict=True)
    )
    st.markdown(f"**The framed text**, {safe(seen.classes[found.labels[place]])}: {safe(found.texts[place])}")
    st.caption(f"The model says: {told}.")


def axis_titles(classes: tuple[str, ...]) -> list[str]:
    """What the two directions are."""
    if len(classes) == 2:
        return [f"← {classes[0]} · {classes[1]} →", "across: where the vectors differ most"]
    return ["where the class layer's rows differ most", "second such direction"]


def map_sentence(right: int, count: int, seen: Seen) -> str:
    """What the map says, for screen readers and the back row."""
    moved = (
        ""
        if seen.now == seen.last
        else f" The axes are those of step {seen.last.step:,}: points move, axes stay."
    )
    return (
        f"At step {seen.now.step:,}, {right} of {count_of(count, 'text')} that it does not learn "
        f"from {'is' if right == 1 else 'are'} sorted rightly."
        f"{moved} Click a point to read it."
    )
