"""5,000 English words as a space, beside the model's own table: neighbours, a map, sums of three words."""

import streamlit as st

from core.embeddings import principal_components
from core.word_table import WordTable, load_word_table
from views import state, ui
from views.embedding import Map
from views.text import safe
from views.token_space import draw_map, draw_neighbours, near_by

LABEL = "5,000 English words (SmolLM2)"
NOTICE = (
    "Not the model of the sidebar: rows of the token table of **SmolLM2-135M**, which Hugging Face trained "
    "on the web (Apache License 2.0). Of its 49,152 tokens 5,000 whole words; of the 576 numbers of each the "
    "256 directions that differ most, in 8 bits. What the web believes, prejudices included, is in them."
)
ALL = "all"
ISOLATED = [30, 100, 300, 1000, ALL]
SUMS = ["king − man + woman", "walked − walk + jump", "bigger − big + small", "dogs − dog + cat"]
TERMS = ("start", "minus", "plus")
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
        "variance. Drag to zoom, double-click to go back."
    )
    return Map(points.numpy(), names, shares.tolist(), marked, places[word], caption)


def show() -> None:
    """The whole section, with its controls."""
    st.caption(NOTICE)
    table = chosen_table()
    controls = st.columns([1.2, 1.2, 1.6, 0.7, 1.4], vertical_alignment="bottom")
    wanted = controls[0].text_input("Word", FIRST_WORD, key="embeddings_word", max_chars=30, **ui.KEEP)
    search = controls[1].text_input("Search", key="embeddings_find", max_chars=30, live=True, **ui.KEEP)
    isolated = controls[2].select_slider(
        "Isolate the nearest", ISOLATED, ALL, key="embeddings_isolate", **ui.KEEP
    )
    solid = controls[3].toggle("3-D", key="embeddings_word_3d", **ui.KEEP)
    by = near_by(controls[4], "Nearest by", "embeddings_word_by")
    word = known(table, wanted)
    left, right = st.columns([1.8, 1])
    with left:
        looked = {"search": search.strip(), "isolated": isolated, "by": by, "directions": 3 if solid else 2}
        draw_map(word_map(table, word, **looked), solid, "embeddings_word_map", "words")
    with right:
        draw_words(table.nearest(word, by=by), by, "embeddings_word_near", f"Nearest to {word}")
    sums(table, by)


def chosen_table() -> WordTable:
    """The table as it is, or without the direction that hides the others."""
    table = load_word_table()
    rest = st.toggle("Leave frequency out", True, key="embeddings_word_rest", **ui.KEEP)
    st.caption(
        "The table's first direction is mostly how frequent a word is: it orders the words as the tokens are "
        f"numbered, frequent ones first (rank correlation {table.first_is_frequency:.2f}). With it, *and* "
        "and *of* live near everything."
    )
    return table.without_first if rest else table


def known(table: WordTable, wanted: str) -> str:
    """The word as the table writes it; the first one, with a sentence, for a word that it lacks."""
    try:
        return table.words[table.row(wanted)]
    except ValueError as error:
        st.warning(f"{safe(str(error))}. Here is “{FIRST_WORD}”.", icon=":material/search_off:")
        return FIRST_WORD


def draw_words(found: list[tuple[str, float]], by: str, key: str, title: str, height: int = 560) -> None:
    """Words and how near they are: cosines, or distances."""
    sign = -1 if by == "euclid" else 1
    names, values = [name for name, _ in found], [sign * score for _, score in found]
    draw_neighbours(names, values, by=by, key=key, title=title, height=height)


def sums(table: WordTable, by: str) -> None:
    """Three words, added and subtracted, and what lies nearest to the sum."""
    st.subheader("Do sums with words")
    with st.container(horizontal=True, gap="small"):
        for number, written in enumerate(SUMS):
            st.button(written, key=f"embeddings_sum_{number}", on_click=fill, args=(written,))
    left, right = st.columns([1, 1.6], gap="medium", vertical_alignment="center")
    terms = [
        left.text_input(term, word, key=f"embeddings_{term}", max_chars=30, **ui.KEEP)
        for term, word in zip(TERMS, words_of(SUMS[0]), strict=True)
    ]
    try:
        a, b, c = (table.words[table.row(term)] for term in terms)
    except ValueError as error:
        right.warning(safe(str(error)), icon=":material/search_off:")
        return
    found = table.analogy(a, b, c, 8, by=by)
    with right:
        st.markdown(f"{a} − {b} + {c} ≈ **{found[0][0]}**")
        draw_words(found, by, "embeddings_sums", f"Nearest to {a} − {b} + {c}", height=330)
        st.caption("The three words themselves are left out: the sum is mostly the first one again.")


def words_of(written: str) -> list[str]:
    """The three words of a sum."""
    return written.replace("−", " ").replace("+", " ").split()


def fill(written: str) -> None:
    """Put a sum into the three fields."""
    for term, word in zip(TERMS, words_of(written), strict=True):
        state.set_control(f"embeddings_{term}", word)
