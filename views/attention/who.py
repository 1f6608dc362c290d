"""Who may look where: only back, everywhere, or at another text."""

import re
from dataclasses import replace

import numpy as np
import streamlit as st
import torch

from core import by_hand
from core.attention import mask_future
from core.by_hand import INPUTS, WORDS, Steps
from core.word_table import load_word_table
from views import cache, components, state, summaries, ui
from views.attention.arithmetic import cells, product, share
from views.attention.by_hand import pick_word, word_picker
from views.attention.steps import weight_matrix
from views.cache import lens
from views.here import Here
from views.lessons import lesson
from views.look import Look
from views.phrases import phrase
from views.tables.attention import head
from views.tables.grid import matrices
from views.text import percent, safe

BOOK, MODEL, CROSS = "The book's six words", "This model's head", "Another text"
MOST_WORDS = 8
MOST_LOSSES = 128  # of the prompt
ASKS, ANSWERS = "summer is hot", "the winter was cold"
ROW = "attention_asker"


def draw(here: Here) -> None:
    """The three pairs, one at a time."""
    st.markdown(lesson("attention/who").introduction)
    drawn = {BOOK: the_book, MODEL: the_model, CROSS: another_text}
    pair = state.choice(
        st.segmented_control,
        "Whose attention",
        list(drawn),
        default=BOOK,
        required=True,
        key="attention_who",
        label_visibility="collapsed",
        **ui.KEEP,
    )
    drawn[pair](here)
    ui.show_code(by_hand.attend, mask_future)


def the_book(here: Here) -> None:
    """The six words with the mask and without, and who hears of a change."""
    del here
    row = word_picker()
    [projections] = by_hand.linear_projections(789)
    back, everywhere = (by_hand.attend(INPUTS, projections, causal=causal) for causal in (True, False))
    tables = (
        replace(weight_matrix(back), title="Only back (GPT: the next word)"),
        replace(weight_matrix(everywhere), title="Everywhere (BERT: fill in the blank)"),
    )
    components.matrix(
        *tables,
        picked=row,
        key="attention_masks",
        label=f"Weights of «{WORDS[row]}» with the mask and without",
        on_pick=pick_word,
    )
    ui.below("attention_masks", lambda: matrices(*tables))
    heard, all_heard = (len(by_hand.who_hears(INPUTS, row, projections, causal=c)) for c in (True, False))
    ui.explain(
        "attention/who", word=WORDS[row], seen=row + 1, heard=heard, all_heard=all_heard, words=len(WORDS)
    )


def the_model(here: Here) -> None:
    """The chosen head with the mask and without, and what the prompt costs the model then."""
    ui.need_tokens(here)
    masks = (True, False) if here.config.causal else (False,)
    if not here.config.causal:
        st.info(phrase("attention", "no_mask"))
    told = []
    for column, causal in zip(st.columns(len(masks)), masks, strict=True):
        look = replace(here.look, causal=causal)
        name = phrase("attention", "back" if causal else "everywhere")
        with column:
            st.markdown(f"**{name}**")
            one_mask(here, look, name)
        losses = lens.losses(look, here.prompt.ids, MOST_LOSSES)
        cost = f"{losses.mean():.2f}" if losses.size else phrase("attention", "nothing_yet")
        told.append(f"{name.lower()} {cost}")
    ui.explain("attention/model_mask", costs=", ".join(told))


def one_mask(here: Here, look: Look, name: str) -> None:
    """The chosen head under one mask."""
    weights = cache.look_at_layer(look, here.prompt.ids, here.layer).head("weights", here.layer, here.head)
    key = f"attention_mask_{look.causal}"
    components.head_view(
        weights,
        here.prompt.pieces,
        picked=here.token,
        causal=look.causal,
        key=key,
        label=f"{name}: layer {here.layer}, head {here.head}",
        on_pick=state.pick_token,
    )
    told = summaries.head_sentence(weights, here.layer, here.head)
    ui.below(key, lambda: head(weights, here.prompt.pieces), told, ("png",))


def words_of(written: str) -> tuple[list[str], list[str]]:
    """The first MOST_WORDS words of a text that the table knows, and those that it does not."""
    known, unknown = [], []
    for word in re.findall(r"[^\W\d_]+", written)[: 2 * MOST_WORDS]:
        try:
            load_word_table().row(word)
            known.append(word)
        except ValueError:
            unknown.append(word)
    return known[:MOST_WORDS], unknown


def vectors_of(words: list[str]) -> torch.Tensor:
    """Their rows of the table: (T, D)."""
    table = load_word_table().without_first
    return table.vectors[[table.row(word) for word in words]]


def another_text(here: Here) -> None:
    """Queries from one text, keys and values from another."""
    del here
    left, right = st.columns(2)
    asks = left.text_input("It asks (queries)", ASKS, max_chars=80, key="attention_asks", **ui.KEEP)
    answers = right.text_input("It answers (keys)", ANSWERS, max_chars=80, key="attention_answers", **ui.KEEP)
    (queries, lost), (keys, also_lost) = words_of(asks), words_of(answers)
    if unknown := [*lost, *also_lost]:
        count, words = len(load_word_table().words), safe(", ".join(unknown[:6]))
        st.caption(phrase("attention", "unknown", count=count, words=words))
    if not queries or not keys:
        st.info(phrase("attention", "need_words"))
        return
    found = by_hand.attend(vectors_of(queries), other=vectors_of(keys))
    row = state.counted(ROW, len(queries) - 1)
    sentence = cross_sentence(found.weights[row].numpy(), queries[row], keys)
    tables = cross_tables(found, queries, keys)
    components.matrix(
        *tables,
        picked=row,
        key="attention_cross",
        label=sentence,
        on_pick=lambda place: state.set_control(ROW, place),
    )
    ui.below("attention_cross", lambda: matrices(*tables), safe(sentence), large=True)
    rows = found.weights.sum(dim=1)
    shape = f"({len(queries)}, {len(keys)})"
    ui.explain("attention/cross", shape=shape, low=f"{rows.min():.4f}", high=f"{rows.max():.4f}")


def cross_tables(found: Steps, queries: list[str], keys: list[str]) -> tuple[components.Matrix, ...]:
    """Scores and weights, (Tq, Tk) each."""
    asks, answers, scores = found.queries.numpy(), found.keys.numpy(), found.scores.numpy()
    shape, roles = (len(queries), len(keys)), ("key",) * len(keys)
    products = cells(*shape, lambda r, c: product(asks[r], answers[c], (2, 2)))
    shares = cells(*shape, lambda r, c: share(scores[r], c))
    return (
        components.Matrix("Scores, queries · keys", scores, queries, keys, products, digits=2, roles=roles),
        components.Matrix(
            "Weights", found.weights.numpy(), queries, keys, shares, "share", digits=2, roles=roles
        ),
    )


def cross_sentence(weights: np.ndarray, asker: str, keys: list[str]) -> str:
    """Where one word of the asking text looks."""
    best = int(weights.argmax())
    share = percent(float(weights[best]))
    return phrase("attention", "takes_most", asker=asker, share=share, word=keys[best])
