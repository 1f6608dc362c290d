"""5,000 English words as a space, beside the model's own table: neighbours, and a map."""

from collections.abc import Callable, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.embeddings import principal_components
from core.word_table import WordTable, load_word_table
from views import state, ui
from views.components.cloud import frame_of
from views.embeddings.space import draw_map, draw_neighbours, measured_by, near_by
from views.embeddings.token_map import ALL, Map
from views.text import safe

LABEL = "5,000 English words (SmolLM2)"
NOTICE = (
    "Not the model of the sidebar: rows of the token table of **SmolLM2-135M**, which Hugging Face trained "
    "on the web (Apache License 2.0). Of its 49,152 tokens 5,000 whole words; of the 576 numbers of each the "
    "256 directions that differ most, in 8 bits. What the web believes, prejudices included, is in them."
)
ISOLATED = [30, 100, 300, 1000, ALL]
FIRST_WORD = "king"


def word_map(
    table: WordTable, word: str, *, search: str, isolated: int | str, by: str, directions: int = 2
) -> Map:
    """All words, or a word and those nearest to it, in the three directions in which these differ most.

    Lit up: what was searched for, or the nearest: twelve among all, and every one that stands alone with it.
    """
    near = [name for name, _ in table.nearest(word, 12 if isolated == ALL else isolated, by=by)]
    names = list(table.words) if isolated == ALL else [word, *near]
    points, shares = principal_components(table.vectors[[table.rows[name] for name in names]], 3)
    places = {name: place for place, name in enumerate(names)}
    marked = {"nearest": [places[name] for name in near[:30]]}
    if search:
        found = [place for name, place in places.items() if search.lower() in name.lower()]
        marked = {f"{len(found):,} contain “{search}”": found}
    caption = (
        f"{len(names):,} words. These {directions} directions keep {shares[:directions].sum():.0%} of their "
        "variance. Drag to move, click a word to choose it."
    )
    rows = [table.rows[name] for name in names]
    flat = points.numpy()
    return Map(flat, names, rows, shares.tolist(), marked, places[word], frame_of(flat), caption)


def show_map(controls: Sequence[DeltaGenerator]) -> dict[str, object]:
    """Who is near whom among the words, with controls in four places and two more; the lesson's numbers."""
    search = controls[0].text_input("Search", key="embeddings_find", max_chars=30, live=True, **ui.KEEP)
    isolated = state.choice(
        controls[1].select_slider,
        "Isolate the nearest",
        ISOLATED,
        value=ALL,
        key="embeddings_isolate",
        **ui.KEEP,
    )
    solid = controls[2].toggle("3-D", key="embeddings_word_3d", **ui.KEEP)
    by = near_by(controls[3], "Nearest by", "embeddings_word_by")
    own = st.columns([1.5, 1.2, 3], vertical_alignment="bottom")
    wanted = own[0].text_input("Word", FIRST_WORD, key="embeddings_word", max_chars=30, **ui.KEEP)
    with own[1]:
        table = chosen_table()
    word = known(table, wanted)
    looked = {"search": search.strip(), "isolated": isolated, "by": by, "directions": 3 if solid else 2}
    found = word_map(table, word, **looked)
    near = table.nearest(word, by=by)
    left, right = st.columns([1.9, 1])
    with left:
        draw_map(
            found,
            solid,
            "embeddings_word_map",
            "words",
            lambda place: state.set_control("embeddings_word", found.names[place]),
        )
    with right:
        draw_words(
            near,
            by,
            "embeddings_word_near",
            f"Nearest to {word}",
            lambda place: state.set_control("embeddings_word", near[place][0]),
        )
    st.caption(NOTICE)
    return map_numbers(table, word, near, found.shares) | {"by": measured_by(by)}


def map_numbers(
    table: WordTable, word: str, near: Sequence[tuple[str, float]], shares: Sequence[float]
) -> dict[str, object]:
    """What the lesson on the words' map is filled with."""
    width = table.vectors.shape[1]
    return {
        "token": word,
        "near": near[0][0],
        "nearness": abs(near[0][1]),
        "chance": width**-0.5,
        "width": width,
        "kept": f"{sum(shares[:2]):.0%}",
        "even": f"{2 / width:.1%}",
        "rank": load_word_table().first_is_frequency,
    }


def chosen_table() -> WordTable:
    """The table as it is, or without the direction that hides the others."""
    table = load_word_table()
    rest = st.toggle(
        "Leave frequency out",
        True,
        key="embeddings_word_rest",
        help="The table's first direction is mostly how frequent a word is: with it, *and* and *of* live "
        "near everything.",
        **ui.KEEP,
    )
    return table.without_first if rest else table


def known(table: WordTable, wanted: str) -> str:
    """The word as the table writes it; the first one, with a sentence, for a word that it lacks."""
    try:
        return table.words[table.row(wanted)]
    except ValueError as error:
        st.warning(f"{safe(str(error))}. Here is “{FIRST_WORD}”.", icon=":material/search_off:")
        return FIRST_WORD


def draw_words(
    found: list[tuple[str, float]],
    by: str,
    key: str,
    title: str,
    on_pick: Callable[[int], None] | None = None,
) -> None:
    """Words and how near they are: cosines, or distances."""
    sign = -1 if by == "euclid" else 1
    names, values = [name for name, _ in found], [sign * score for _, score in found]
    draw_neighbours(names, values, by=by, key=key, title=title, on_pick=on_pick)
