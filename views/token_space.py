"""The model's own token table as a space: a map with search, and who lives near the chosen token."""

from collections.abc import Sequence

import streamlit as st

from views import embedding, ui
from views.embedding import Map
from views.figures import embeddings as figures
from views.figures.base import visible
from views.here import Here
from views.text import safe


def show(here: Here, word: str) -> tuple[list[str], list[float]]:
    """The section with its controls; the nearest tokens to `word`, the chosen one, with their values."""
    controls = st.columns([2, 1, 1.6], vertical_alignment="bottom")
    search = controls[0].text_input(
        "Search the vocabulary", key="embeddings_search", live=True, max_chars=40, **ui.KEEP
    )
    solid = controls[1].toggle("3-D", key="embeddings_3d", **ui.KEEP)
    by = near_by(controls[2], f"Nearest to {safe(word)} by", "embeddings_by")
    names, values = embedding.neighbours(here, by)
    left, right = st.columns([1.8, 1])
    with left:
        draw_map(embedding.token_map(here, search), solid, "embeddings_map")
    with right:
        draw_neighbours(names, values, by=by, key="embeddings_near", title=f"Nearest to {word}")
    return names, values


def near_by(place: st.delta_generator.DeltaGenerator, label: str, key: str) -> str:
    """How nearness is measured."""
    return place.segmented_control(
        label, ["cosine", "euclid"], default="cosine", required=True, key=key, **ui.KEEP
    )


def draw_map(found: Map, solid: bool, key: str, what: str = "tokens") -> None:
    """The cloud of tokens or words, flat or solid."""
    drawn = figures.token_map(
        found.points[:, : 3 if solid else 2],
        found.names,
        ui.palette(),
        shares=found.shares,
        marked=found.marked,
        chosen=found.chosen,
    )
    drawn.data[0].name = f"{len(found.names):,} {what}"
    alt = f"{len(found.names):,} {what} as points; those near each other are used alike"
    ui.figure(drawn, key=f"{key}_{solid}", alt=alt, caption=found.caption)


def draw_neighbours(
    names: Sequence[str], values: Sequence[float], *, by: str, key: str, title: str, height: int = 560
) -> None:
    """The nearest and how near they are, as bars."""
    drawn = figures.neighbour_bars(names, values, ui.palette(), by=by).update_layout(height=height)
    ui.figure(drawn, key=key, alt=f"{title}: {', '.join(map(visible, names[:3]))}")
