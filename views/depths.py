"""The logit lens on the Logits page: which depth is read, the table, and its sentence."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from views import state, ui
from views.cache import lens as cache
from views.components.lens import Answers, lens
from views.figures.base import visible
from views.here import Here
from views.tables import answers as tables
from views.text import percent, safe
from views.vocabulary import piece_name, token_texts

READ = "logits_read"
EMBEDDING, BLOCK, END = "embedding", "block", "end"
COLUMNS, ROWS = 24, 25  # of the lens at a time


@dataclass(frozen=True)
class Answer:
    """What the model says for one place, and since when."""

    token: str
    probability: float
    since: str  # "from block 2 on"
    first: str  # what it would say after the embedding alone
    first_probability: float
    settled: float  # share of the places whose answer stands one block before the end


def reading(here: Here) -> int:
    """The picker of the depth that is read: 0 after the embedding, else after that many blocks."""
    last = here.config.n_layers
    names = {
        EMBEDDING: "after the embedding",
        BLOCK: f"after block {here.layer}",
        END: "at the end, after the last block",
    }
    read = state.choice(
        st.segmented_control,
        "Read the model's mind",
        list(names),
        default=END,
        required=True,
        key=READ,
        format_func=names.get,
        **ui.KEEP,
    )
    return {EMBEDDING: 0, BLOCK: here.layer + 1, END: last}[read]


def depths_of(layers: int, wanted: int) -> tuple[int, ...]:
    """The depths that the lens shows, evenly spaced where there are many; first, last and wanted always."""
    every = -(-layers // (ROWS - 1))
    return tuple(sorted({0, wanted, *range(layers, 0, -every)}))


def depth_name(depth: int) -> str:
    """A row of the lens."""
    return f"block {depth - 1}" if depth else "embedding"


def lens_table(here: Here, depth: int) -> Answer:
    """The lens around the chosen token, and its sentence; a click sets depth, layer and token."""
    depths = depths_of(here.config.n_layers, depth)
    first = here.token // COLUMNS * COLUMNS
    last = min(first + COLUMNS, len(here.prompt.pieces))
    found, pieces = cache.answers(here.look, here.prompt.ids, depths, first, last), here.prompt.pieces
    rows = [depth_name(one) for one in depths]

    def words(ids: Sequence[int]) -> list[str]:
        return token_texts(here.tokenizer, ids)

    def pick(cell: tuple[int, int]) -> None:
        go_to(here, depths[cell[0]], first + cell[1])

    lens(
        found,
        rows,
        pieces[first:last],
        words,
        picked=(depths.index(depth), here.token - first),
        key="logits_lens",
        label="What the model would answer after each block, a column for each token",
        on_pick=pick,
    )
    answer = answer_of(here, found, depth)
    ui.below(
        "logits_lens",
        lambda: tables.lens(found, rows, pieces[first:last], words, first),
        safe(lens_sentence(here, answer)),
    )
    return answer


def go_to(here: Here, depth: int, token: int) -> None:
    """A cell of the lens was clicked."""
    last = here.config.n_layers
    state.pick_token(token)
    state.set_control(READ, EMBEDDING if depth == 0 else END if depth == last else BLOCK)
    if depth:
        state.pick_head((depth - 1, here.head))


def answer_of(here: Here, found: Answers, depth: int) -> Answer:
    """The chosen token's column of the lens, in words."""
    depths = depths_of(here.config.n_layers, depth)
    column = here.token % COLUMNS
    tops = found.best[:, column, 0]
    last_other = max((row for row, top in enumerate(tops) if top != tops[-1]), default=-1)
    end, start = token_texts(here.tokenizer, [int(tops[-1]), int(tops[0])])
    before = found.best[max(0, len(depths) - 2), :, 0] == found.best[-1, :, 0]
    return Answer(
        visible(end),
        float(found.probs[-1, column, 0]),
        f"from {after_words(depths[last_other + 1]).removeprefix('after ')} on",
        visible(start),
        float(found.probs[0, column, 0]),
        float(before.mean()),
    )


def after_words(depth: int) -> str:
    """Where the model is read."""
    return f"after block {depth - 1}" if depth else "after the embedding"


def lens_sentence(here: Here, answer: Answer) -> str:
    """What the chosen column says, for screen readers and the back row."""
    token = visible(piece_name(here.prompt.pieces[here.token]))
    return (
        f"After «{token}» (token {here.token}) {here.model_name} answers «{answer.token}», "
        f"{percent(answer.probability)}: on top {answer.since}. Underlined: "
        "already the final answer of its column."
    )
