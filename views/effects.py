"""What each part does to one prediction, as the page on interventions puts it together."""

from collections.abc import Callable

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core.interventions import Edit
from core.knockouts import PARTS, knockout_work, patch_work
from views import cache, next_token, state, summaries, ui
from views.edits import NAMES, label_of
from views.figures.base import visible
from views.figures.effects import effect_map
from views.here import Here
from views.phrases import count_of
from views.picture import nearest
from views.prompt import Prompt, read_prompt
from views.text import percent, safe, shown
from views.vocabulary import piece_name, token_text

MOST_WORK = 3e11  # arithmetic operations of one picture: some seconds on one core
SWAPS = (("king", "queen"), ("man", "woman"), ("boy", "girl"), ("he ", "she "))


def watched_token(here: Here, text: str) -> int:
    """The token whose probability is watched: the first of the text, else the model's favourite."""
    ids = read_prompt(text, here.tokenizer, 8).ids
    if ids:
        return ids[0]
    return int(next_token.probabilities(here.untouched, here.prompt.ids).argmax())


def too_much(work: float, tokens: int) -> bool:
    """Whether a picture would take too long here; says so."""
    if work > MOST_WORK:
        st.info(
            f"This picture takes {shown(work)} arithmetic operations for "
            f"{count_of(tokens, 'token')}, and at most "
            f"{shown(MOST_WORK)} are allowed: shorten the prompt or choose a smaller model.",
            icon=":material/edit:",
        )
    return work > MOST_WORK


def heads_off(here: Here, token: int, by: str) -> str:
    """The map of all heads, each off by itself; returns what it shows in a sentence."""
    if too_much(knockout_work(cache.source(here.look)[0], len(here.prompt.ids)), len(here.prompt.ids)):
        return ""
    base = chance_of(here, token)
    change = cache.head_knockouts(here.untouched, here.prompt.ids, token, by) - base  # (L, H)
    layers, heads = change.shape
    drawn = effect_map(
        change,
        [*map(str, range(layers))],
        [*map(str, range(heads))],
        ui.palette(),
        x="head",
        y="layer",
        chosen=(here.layer, here.head),
    )
    layer, head = np.unravel_index(np.abs(change).argmax(), change.shape)
    quiet = int((np.abs(change) < summaries.A_POINT).sum())
    what = moved(here, token, base, change[layer, head])
    sentence = (
        f"Layer {layer}, head {head} has the largest effect: without it {what}. "
        f"The effect of {quiet} of {count_of(change.size, 'head')} is under one point."
    )
    show(
        drawn,
        f"{sentence} {summaries.strongest_heads(change, cache.head_scores(here.untouched))}",
        "effects_heads",
        "Click on a head to choose it.",
        lambda x, y: state.pick_head((nearest(y, layers), nearest(x, heads))),
    )
    offer(here, Edit(kind="head", layer=int(layer), head=int(head), by=by))
    return sentence


def parts_off(here: Here, token: int) -> str:
    """The same for attention, feed-forward and block of each layer."""
    if too_much(knockout_work(cache.source(here.look)[0], len(here.prompt.ids)), len(here.prompt.ids)):
        return ""
    base = chance_of(here, token)
    found = cache.part_knockouts(here.untouched, here.prompt.ids, token)
    change = np.stack([found[kind] - base for kind in PARTS], axis=1)  # (L, 3)
    rows = [f"{layer}" for layer in range(len(change))]
    drawn = effect_map(change, rows, [NAMES[kind] for kind in PARTS], ui.palette(), x="", y="layer")
    layer, part = np.unravel_index(np.abs(change).argmax(), change.shape)
    edit = Edit(kind=PARTS[part], layer=int(layer))
    what = label_of(edit, here.tokenizer).removesuffix(" off")
    sentence = f"{what} has the largest effect: without it {moved(here, token, base, change[layer, part])}."
    show(
        drawn,
        sentence,
        "effects_parts",
        "Click on a part to choose its layer.",
        lambda _, y: state.pick_head((nearest(y, len(change)), here.head)),
    )
    offer(here, edit)
    return sentence


def patches(here: Here) -> str:
    """The map of all vectors of the stream, each taken from the other text by itself."""
    other = other_prompt(here)
    ids = here.prompt.ids
    if len(other.ids) != len(ids) or other.ids == ids:
        same = "it is the same text" if other.ids == ids else f"it has {len(other.ids)}"
        st.info(
            f"The prompt has {count_of(len(ids), 'token')}; the other text must have as many and "
            f"differ, but {same}. "
            "Change a word for another one.",
            icon=":material/edit:",
        )
        return ""
    if too_much(patch_work(cache.source(here.look)[0], len(ids)), len(ids)):
        return ""
    token = int(next_token.probabilities(here.untouched, other.ids).argmax())
    base = chance_of(here, token)
    change = cache.patch_effects(here.untouched, ids, other.ids, token) - base  # (L, T)
    names = [f"{place} {visible(piece_name(piece))}" for place, piece in enumerate(here.prompt.pieces)]
    rows = [str(layer) for layer in range(len(change))]
    drawn = effect_map(
        change,
        rows,
        names,
        ui.palette(),
        x="token whose vector is taken",
        y="before layer",
        chosen=(here.layer, here.token),
    )
    layer, place = np.unravel_index(np.abs(change).argmax(), change.shape)
    sentence = (
        f"The other text expects «{word(here, token)}». Most is carried by token {names[place]} before layer "
        f"{layer}: with that one vector {moved(here, token, base, change[layer, place])}."
    )
    show(
        drawn,
        sentence,
        "effects_patches",
        "Click on a vector to choose its layer and token.",
        lambda x, y: choose_vector(here, nearest(y, len(change)), nearest(x, len(ids))),
    )
    offer(here, Edit(kind="patch", layer=int(layer), position=int(place)), other.text)
    return sentence


def other_prompt(here: Here) -> Prompt:
    """The text that vectors are taken from, in a field of its own; at first the prompt with another word."""
    text = state.other_text() or swapped(here.prompt.text)
    state.other_field(text)
    return read_prompt(text, here.tokenizer, here.config.context_length)


def swapped(text: str) -> str:
    """The text with one word for another, in all its places."""
    for one, other in SWAPS:
        if one in text:
            return text.replace(one, other)
    return text


def chance_of(here: Here, token: int) -> float:
    """Probability of the token as the model was trained."""
    return float(next_token.probabilities(here.untouched, here.prompt.ids)[token])


def moved(here: Here, token: int, base: float, change: float) -> str:
    """What happens to the watched token, in words."""
    return f"«{word(here, token)}» goes from {percent(base)} to {percent(base + change)}"


def word(here: Here, token: int) -> str:
    """A token as it is quoted."""
    return visible(token_text(here.tokenizer, token))


def choose_vector(here: Here, layer: int, token: int) -> None:
    """A click on a vector: its layer and its token, on every page."""
    state.pick_head((layer, here.head))
    state.pick_token(token)


def show(
    drawn: go.Figure, sentence: str, key: str, hint: str, on_click: Callable[[float, float], None]
) -> None:
    """A map, its sentence, and what a click does."""
    ui.figure(drawn, key=key, alt=sentence, caption=safe(f"{sentence} {hint}"), on_click=on_click)


def offer(here: Here, edit: Edit, other: str = "") -> None:
    """The button that makes the strongest change on every page; a patch keeps its other text."""
    st.button(
        f"Do this on every page: {safe(label_of(edit, here.tokenizer))}",
        key="effects_do",
        icon=":material/build:",
        on_click=state.add_patch if other else state.add_edit,
        args=(edit, other) if other else (edit,),
    )
