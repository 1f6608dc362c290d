"""Word arithmetic: three words, added and subtracted, and what lies nearest to the sum."""

import streamlit as st
from torch import Tensor

from core.embeddings import plane_through
from core.word_table import WordTable
from views import state, ui
from views.embeddings.space import near_by
from views.embeddings.words import NOTICE, chosen_table, draw_words
from views.figures.word_sums import Spot, word_sum
from views.text import safe

SUMS = ["king − man + woman", "walked − walk + jump", "bigger − big + small", "dogs − dog + cat"]
TERMS = ("start", "minus", "plus")


def show() -> dict[str, object]:
    """Three words, added and subtracted, and what lies nearest to the sum; the numbers of the lesson."""
    with st.container(horizontal=True, gap="small"):
        for number, written in enumerate(SUMS):
            st.button(written, key=f"embeddings_sum_{number}", on_click=fill, args=(written,))
    fields = st.columns([1, 1, 1, 1.3, 1.3], vertical_alignment="bottom")
    terms = [
        field.text_input(term, word, key=f"embeddings_{term}", max_chars=30, **ui.KEEP)
        for field, term, word in zip(fields, TERMS, words_of(SUMS[0]), strict=False)
    ]
    by = near_by(fields[3], "Nearest by", "embeddings_word_by")
    with fields[4]:
        table = chosen_table()
    try:
        a, b, c = (table.words[table.row(term)] for term in terms)
    except ValueError as error:
        st.warning(safe(str(error)), icon=":material/search_off:")
        return {}
    found = table.analogy(a, b, c, 8, by=by)
    sum_of = f"{a} − {b} + {c}"
    st.header(f"{safe(sum_of)}: nearest is {safe(found[0][0])}")
    left, right = st.columns([1.6, 1], gap="medium")
    with left:
        ui.figure(
            word_sum(spots_of(table, (a, b, c), [name for name, _ in found]), ui.palette()),
            key="embeddings_sum_map",
            alt=f"{a}, {b}, {c} and their sum on one sheet; nearest to the sum is {found[0][0]}",
            caption=f"The flat sheet on which {safe(a)}, {safe(b)} and {safe(c)} lie: the four large points "
            f"and both orange arrows are as long as they are. {safe(found[0][0])} and the others are "
            "shadows: they lie above or below the sheet.",
        )
    with right:
        draw_words(found, by, "embeddings_sums", f"Nearest to {sum_of}")
    st.caption(f"The three words themselves are left out of the list. {NOTICE}")
    return sum_numbers(table, (a, b, c), found[0][0])


def spots_of(table: WordTable, terms: tuple[str, str, str], near: list[str]) -> list[Spot]:
    """The words of a sum, the sum, and the nearest to it, on the sheet of the three."""
    start, minus, plus = (table.vectors[table.row(term)] for term in terms)
    plane = plane_through(minus, plus, start)
    roles = ["best", *["near"] * 4]
    named = [(word, role, table.vectors[table.row(word)]) for word, role in zip(near, roles, strict=False)]
    named += [(terms[1], "minus", minus), (terms[2], "plus", plus), (terms[0], "start", start)]
    named += [("the sum", "sum", start - minus + plus)]
    return [Spot(name, role, *((vector - minus) @ plane).tolist()) for name, role, vector in named]


def sum_numbers(table: WordTable, terms: tuple[str, str, str], best: str) -> dict[str, object]:
    """How near the sum comes to its answer, and to the word that it started from."""
    start, minus, plus = (table.vectors[table.row(term)] for term in terms)
    total, answer = start - minus + plus, table.vectors[table.row(best)]

    def cosine(one: Tensor, other: Tensor) -> float:
        return float(one @ other / (one.norm() * other.norm()).clamp(min=1e-12))

    to_best, to_start = cosine(total, answer), cosine(total, start)
    step = cosine(plus - minus, answer - start)
    width, own = table.vectors.shape[1], "The three words themselves are left out of the list"
    again = f"{own}: the sum is nearer to its first word than to its answer."
    return {
        "sum": " ".join((terms[0], "−", terms[1], "+", terms[2])),
        "best": best,
        "best_cosine": to_best,
        "best_words": alike(to_best, width),
        "start": terms[0],
        "start_cosine": to_start,
        "start_words": alike(to_start, width),
        "left_out": again if to_start > to_best else f"{own}.",
        "step_cosine": step,
        "step_words": alike(step, width),
    }


def alike(cosine: float, width: int) -> str:
    """What a cosine of two vectors of `width` numbers says of their directions, in words."""
    if abs(cosine) < 2 * width**-0.5:  # two random vectors have a deviation of half of it
        return "unrelated, as two random vectors are"
    if cosine < 0:
        return "opposed"
    words = {0.95: "nearly the same direction", 0.6: "similar", 0.3: "somewhat similar"}
    return next((said for least, said in words.items() if cosine >= least), "hardly similar")


def words_of(written: str) -> list[str]:
    """The three words of a sum."""
    return written.replace("−", " ").replace("+", " ").split()


def fill(written: str) -> None:
    """Put a sum into the three fields."""
    for term, word in zip(TERMS, words_of(written), strict=True):
        state.set_control(f"embeddings_{term}", word)
