"""Who is near whom in the model's own token table: a map with search, and the neighbours of one token."""

from collections.abc import Callable, Sequence

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from views import cache, state, ui
from views.components.cloud import cloud
from views.components.near_bars import near_bars
from views.embeddings.token_map import ALL, Map, Wanted, neighbours, token_map
from views.figures.base import visible
from views.here import Here
from views.tables import named as tables
from views.text import percent, safe

ISOLATED = [30, 100, 300, ALL]
CLICKED = "embeddings_point"


def show(here: Here, controls: Sequence[DeltaGenerator]) -> dict[str, object]:
    """The section with its controls in four places; the numbers of the lesson."""
    search = controls[0].text_input(
        "Search the vocabulary", key="embeddings_search", live=True, max_chars=40, **ui.KEEP
    )
    isolated = state.choice(
        controls[1].select_slider,
        "Isolate the nearest",
        ISOLATED,
        value=ALL,
        key="embeddings_isolate_tokens",
        **ui.KEEP,
    )
    solid = controls[2].toggle("3-D", key="embeddings_3d", **ui.KEEP)
    by = near_by(controls[3], "Nearest by", "embeddings_by")
    token = looked_at(here)
    found = token_map(here, Wanted(token, search.strip(" "), isolated, by))
    near, names, values = neighbours(here, token, by)
    left, right = st.columns([1.9, 1])
    with left:
        draw_map(found, solid, "embeddings_map", "tokens", lambda place: look_at(here, found.rows[place]))
        if token != here.prompt.ids[here.token]:
            st.caption(
                ":material/ads_click: A token that you clicked. Move *Token* to return to the prompt's."
            )
    with right:
        word = visible(cache.vocabulary(here.untouched)[token])
        draw_neighbours(
            names,
            values,
            by=by,
            key="embeddings_near",
            title=f"Nearest to {word}",
            on_pick=lambda place: look_at(here, near[place]),
        )
    return numbers(here, token, found, (names, values)) | {"by": measured_by(by)}


def looked_at(here: Here) -> int:
    """The row of the linked token, or of one that was clicked since that was chosen."""
    clicked = state.noted(CLICKED)
    if isinstance(clicked, tuple) and clicked[0] == anchor(here) and clicked[1] < here.config.vocab_size:
        return clicked[1]
    return here.prompt.ids[here.token]


def anchor(here: Here) -> tuple:
    """As long as this stays the same, a click counts."""
    return here.choice.key, here.prompt.ids, here.token


def look_at(here: Here, row: int) -> None:
    """A click into the map: everybody's token, if the prompt has it; else a token of this map alone."""
    places = [place for place, token in enumerate(here.prompt.ids) if token == row]
    if places:
        state.note(CLICKED, None)
        state.pick_token(min(places, key=lambda place: abs(place - here.token)))
    else:
        state.note(CLICKED, (anchor(here), row))


def near_by(place: DeltaGenerator, label: str, key: str) -> str:
    """How nearness is measured."""
    return state.choice(
        place.segmented_control,
        label,
        ["cosine", "euclid"],
        default="cosine",
        required=True,
        key=key,
        **ui.KEEP,
    )


def measured_by(by: str) -> str:
    """What the number of a near one is."""
    return "cosine" if by == "cosine" else "distance"


def draw_map(found: Map, solid: bool, key: str, what: str, on_pick: Callable[[int], None]) -> None:
    """The cloud of tokens or words, flat or solid."""
    unit = "" if solid else " of the variance"
    titles = [f"direction {i + 1} ({percent(share)}{unit})" for i, share in enumerate(found.shares)]
    chosen = visible(found.names[found.chosen])
    cloud(
        found.points,
        found.names,
        marked=found.marked,
        chosen=found.chosen,
        titles=titles,
        frame=found.frame,
        solid=solid,
        kind=what,
        key=key,
        label=f"{len(found.names):,} {what} as points, {chosen} chosen; those near each other are used alike",
        on_pick=on_pick,
    )

    def table() -> pd.DataFrame:
        return tables.points(found.points, found.names, titles, found.marked)

    ui.below(key, table, found.caption, ("png",))


def draw_neighbours(
    names: Sequence[str],
    values: Sequence[float],
    *,
    by: str,
    key: str,
    title: str,
    on_pick: Callable[[int], None] | None = None,
) -> None:
    """The nearest and how near they are, as bars."""
    st.markdown(f"**{safe(title)}**")
    label = f"{title}: {', '.join(map(visible, names[:3]))}"
    near_bars(names, values, by=by, key=key, label=label, on_pick=on_pick)
    ui.below(key, lambda: tables.nearest(names, values, by))


def numbers(here: Here, token: int, found: Map, near: tuple[list[str], list[float]]) -> dict[str, object]:
    """What the lesson's sentences are filled with."""
    names, values = near
    kept = found.shares[0] + found.shares[1]
    return {
        "token": visible(cache.vocabulary(here.untouched)[token]),
        "near": visible(names[0]) if names else "–",
        "nearness": values[0] if names else 0.0,
        "chance": here.config.emb_dim**-0.5,
        "width": here.config.emb_dim,
        "kept": percent(kept),
        "even": percent(2 / here.config.emb_dim),
    }
