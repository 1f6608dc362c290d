"""Order: two tokens in each other's place, and how the model tells one place from another."""

from dataclasses import dataclass

import numpy as np
import streamlit as st
import torch

from core.embeddings import scores_by_distance, swapped
from core.positions import rotate
from views import cache, components, next_token, state, ui
from views.cache import embeddings as tables
from views.components.strips import strips
from views.embeddings.entering import NO_ROWS, Rows, token_names
from views.figures import embeddings as figures
from views.figures.base import visible
from views.figures.places import distance_curves
from views.here import Here
from views.tables.tokens import tokens as token_table
from views.text import percent, safe
from views.vocabulary import pieces, token_texts


@dataclass(frozen=True)
class Swap:
    """What two tokens in each other's place change."""

    ids: tuple[int, ...]  # the prompt after the swap
    rows: Rows  # what the model reads of the first token: before, after, difference
    token_gap: float  # largest difference in the token's own row: 0
    moved: float  # share of the next token's probability that moves elsewhere
    answers: tuple[str, str]  # the likeliest next token, before and after, with its probability


def show(here: Here) -> dict[str, object]:
    """The whole section; the numbers of the lesson."""
    tokens = token_names(here)
    places, last = [f"{place} {token}" for place, token in enumerate(tokens)], len(tokens) - 1
    controls = st.columns([1, 1, 1.6], vertical_alignment="bottom")
    one = state.choice(
        controls[0].selectbox, "Put this token", places, index=min(1, last), key="embeddings_first", **ui.KEEP
    )
    other = state.choice(
        controls[1].selectbox,
        "where this one is",
        places,
        index=min(4, last),
        key="embeddings_second",
        **ui.KEEP,
    )
    first, second = (places.index(place) if place in places else 0 for place in (one, other))
    found = swap(here, first, second)
    after = pieces(here.tokenizer, found.ids)
    components.token_chips(after, picked=second, key="embeddings_swapped", label="After the swap")
    told = f"Next token as written: {found.answers[0]}. After the swap: {found.answers[1]}."
    ui.below("embeddings_swapped", lambda: token_table(after), told, large=True)
    left, right = st.columns(2, gap="large")
    with left:
        st.header("What the model reads")
        show_rows(here, found, tokens[first])
    with right:
        st.header("How it tells places apart")
        sentence = show_places(here)
    return numbers(here, found, tokens[first], sentence)


def swap(here: Here, first: int, second: int) -> Swap:
    """Put two tokens of the prompt in each other's place."""
    ids, name = here.prompt.ids, token_names(here)[first]
    changed = swapped(ids, first, second)
    before, after = (cache.look_at_input(here.look, one)["tok_emb"] for one in (ids, changed))
    pair = read_of(here, ids)[first], read_of(here, changed)[second]
    names = [f"{name} at {first}", f"{name} at {second}", "difference"]
    probs = [next_token.probabilities(here.look, one) for one in (ids, changed)]
    return Swap(
        ids=changed,
        rows=Rows(np.stack([*pair, pair[1] - pair[0]]), names),
        token_gap=float(np.abs(before[first] - after[second]).max()),
        moved=float(np.abs(probs[0] - probs[1]).sum() / 2),
        answers=tuple(answer(here, one) for one in probs),
    )


def read_of(here: Here, ids: tuple[int, ...]) -> np.ndarray:
    """Where the model knows a token's place from: the sum that enters, or the first block's turned keys."""
    if here.config.position == "rotary":
        return cache.look_at_layer(here.look, ids, 0).head("keys", 0, here.head)
    return cache.look_at_input(here.look, ids)["embedded"]


def answer(here: Here, probs: np.ndarray) -> str:
    """The likeliest next token in markdown."""
    best = int(probs.argmax())
    name = safe(visible(token_texts(here.tokenizer, [best])[0]))
    return f"**{name}** ({percent(float(probs[best]))})"


def show_rows(here: Here, found: Swap, token: str) -> None:
    """What is read of the first token before and after the swap."""
    rotary = here.config.position == "rotary"
    what = "key" if rotary else "embedding"
    turned = (
        f" This model adds nothing at the input: it is the key in block 0, head {here.head}, that is turned."
    )
    strips(
        found.rows.vectors,
        found.rows.names,
        axis=f"dimension of the {what}",
        scale=ui.palette().diverging,
        key="embeddings_swap",
        label=f"What the model reads of {token} before and after the swap, and the difference",
    )
    told = (
        f"The token's own row differs by {found.token_gap:g}: it only stands elsewhere. What is read "
        f"differs by a vector of length {found.rows.length(2):.3f}."
    )
    ui.below("embeddings_swap", found.rows.table, told + turned * rotary, ("png",))


def show_places(here: Here) -> str:
    """How alike places are for this model; the same in a sentence."""
    if here.config.position == "none":
        st.markdown(NO_ROWS["none"])
        return NO_ROWS["none"]
    if here.config.position == "rotary":
        return show_distances(here)
    found = cache.position_cosines(here.untouched)
    drawn = figures.position_heatmap(*found, ui.palette())
    beside = found[1][0, 1] if len(found[0]) > 1 else 1.0
    told = (
        f"The rows of positions {found[0][0]} and {found[0][min(1, len(found[0]) - 1)]}: cosine {beside:.2f}."
    )
    ui.figure(drawn, key="embeddings_positions", alt=told, caption=told)
    return told


def show_distances(here: Here) -> str:
    """A rotary model: each head's score by distance, and the turning itself as a map."""
    curves = distance_scores(here)
    best = int(curves[here.head].argmax())
    told = f"Layer {here.layer}, head {here.head} scores highest {best} tokens back"
    kind = state.choice(
        st.segmented_control,
        "Draw",
        ["what a head prefers", "the turning alone"],
        default="what a head prefers",
        required=True,
        key="embeddings_turned",
        label_visibility="collapsed",
        **ui.KEEP,
    )
    if kind == "the turning alone":
        places, cosines = tables.turned(here.untouched)
        drawn = figures.position_heatmap(places, cosines, ui.palette())
        caption = "How alike a key of equal numbers is to itself at two places: only the distance counts."
    else:
        drawn = distance_curves(curves, here.head, ui.palette())
        caption = f"{told}, all queries and keys of the prompt averaged, all content left out by that."
    ui.figure(drawn, key="embeddings_positions", alt=told, caption=caption)
    return f"{told}, for the mean query and key of this prompt."


def distance_scores(here: Here) -> np.ndarray:
    """The mean score of each head of the linked layer, by distance: (H, context length)."""
    ids = here.prompt.ids
    seen = cache.look_at_layer(here.look, ids, here.layer)
    distances = torch.arange(here.config.context_length)
    back = -torch.arange(len(ids))
    scale = here.config.head_dim**-0.5 if here.config.scale_scores else 1.0
    turned = (torch.tensor(seen[f"blocks.{here.layer}.attn.{name}"])[None] for name in ("queries", "keys"))
    queries, keys = (rotate(x, back)[0] for x in turned)  # (H, T, D), as they were before the turning
    found = [scores_by_distance(q, k, distances) * scale for q, k in zip(queries, keys, strict=True)]
    return torch.stack(found).numpy()


def numbers(here: Here, found: Swap, token: str, places: str) -> dict[str, object]:
    """What the lesson's sentences are filled with."""
    return {
        "token": token,
        "moved": percent(found.moved),
        "before": found.answers[0].replace("**", "").replace("\\", ""),
        "after": found.answers[1].replace("**", "").replace("\\", ""),
        "length": found.rows.length(2),
        "first_length": found.rows.length(0),
        "second_length": found.rows.length(1),
        "places": places,
    }
