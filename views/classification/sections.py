"""The views of a run that has learned, or is learning, to sort texts."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from core.class_map import class_map, map_axes
from core.classify import confusion_matrix, read_vector
from core.occlusion import occlusion
from core.padding import probs_by_length
from core.weight_changes import relative_change, weight_changes
from runs import StoreError
from runs.tuning import Classify
from views import cache, state, tuning, ui
from views.classification import message, mistakes, texts_map, what_moved
from views.classification.seen import seen_from
from views.here import Here
from views.text import safe

PAGE = "classification"
TRAINING, MAP, MOVED, MESSAGE, MISTAKES = VIEWS = (
    "Training",
    "Map",
    "What moved",
    "Your message",
    "Mistakes",
)
FILMED = (MAP, MOVED)  # they follow a run while it trains
PATIENCE = 1.0  # seconds
CODE: dict[str, tuple[Callable, ...]] = {
    TRAINING: (read_vector,),
    MAP: (map_axes, class_map),
    MOVED: (weight_changes, relative_change),
    MESSAGE: (occlusion, probs_by_length),
    MISTAKES: (confusion_matrix,),
}


def keep_up(here: Here) -> None:
    """While the run trains, who looks at its newest checkpoint goes on with each that comes."""
    status, steps = cache.status_of(here.choice.key), here.choice.steps
    if not status.ended and here.step == steps[-1]:
        st.fragment(go_on, run_every=PATIENCE)(here.choice.key, steps)


def go_on(run_id: str, steps: tuple[int, ...]) -> None:
    """Draw the page again if there is a newer checkpoint."""
    if cache.store().checkpoints(run_id)[-1:] > list(steps[-1:]):
        st.rerun()


def draw(here: Here, learned: Classify) -> str:
    """The views behind one control; which one is open."""
    view = state.choice(
        st.segmented_control,
        "Look at",
        VIEWS,
        default=TRAINING,
        required=True,
        key="classification_view",
        **ui.KEEP,
    )
    if view == TRAINING:
        tuning.watch(PAGE, here.choice.key)
        return view
    if view in FILMED:
        keep_up(here)
    seen = seen_from(here, learned)
    shown = {
        MAP: texts_map.draw,
        MOVED: what_moved.draw,
        MESSAGE: partial(message.draw, here),
        MISTAKES: mistakes.draw,
    }
    try:
        shown[view](seen)
    except StoreError as problem:
        st.info(
            f"{safe(str(problem))}. The picture comes with the first checkpoint.", icon=":material/hourglass:"
        )
    return view
