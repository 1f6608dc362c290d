"""One dot product, and who wrote it: the lower half of the Logits page."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.sampling import next_token_probs
from views import state, ui
from views.cache import lens as cache
from views.depths import Answer
from views.figures.base import visible
from views.figures.logits import Addition
from views.here import Here
from views.text import percent, safe
from views.vocabulary import likeliest, piece_name, token_texts

CANDIDATE = "logits_candidate"
BEST = 8  # tokens to choose one from
OWN = -1  # for the token that the text goes on with
TERMS = 3  # of a dot product, written out
TIED = "The tables of input and output are one here: the embedding still reads as its own token"
UNTIED = "Input and output have different tables here: the embedding need not read as its own token"


@dataclass(frozen=True)
class Candidates:
    """The best tokens at a depth, and one of them to look at: (K,) each."""

    ids: list[int]
    names: list[str]
    logits: np.ndarray
    probs: np.ndarray
    chosen: int  # place in the lists
    vector: np.ndarray  # (C,) after the final norm
    rows: np.ndarray  # (K, C) of the output matrix


def candidates(here: Here, depth: int, ask: bool = True) -> Candidates:
    """The likeliest tokens, and the one that the text goes on with; with `ask` a picker for one of them."""
    vector, logits = cache.vector_and_logits(here.look, here.prompt.ids, depth, here.token)
    probs = next_token_probs(logits).numpy()
    ids = likeliest(here.tokenizer, probs, BEST)[0].tolist()
    following = here.prompt.ids[here.token + 1 : here.token + 2]
    ids += [token for token in following if token not in ids]
    names = token_texts(here.tokenizer, ids)
    own = ids.index(following[0]) if following else None
    chosen = candidate_picker(names, own) if ask else candidate_chosen(names, own)
    numbers = logits.numpy()[ids]
    rows = cache.output_rows(here.look, tuple(ids)).numpy()
    return Candidates(ids, names, numbers, probs[ids], chosen, vector.numpy(), rows)


def candidate_options(names: Sequence[str], own: int | None) -> dict[int, str]:
    """What can be picked, the text's next token first: OWN, wherever it stands among the best."""
    picked = {place: visible(name) for place, name in enumerate(names) if place < BEST and place != own}
    return picked if own is None else {OWN: f"{visible(names[own])} (the text's next)"} | picked


def candidate_chosen(names: Sequence[str], own: int | None) -> int:
    """The place of the token that is taken apart, also while its picker is not shown."""
    options = candidate_options(names, own)
    chosen = state.controls(CANDIDATE).get("")
    if chosen not in options:
        chosen = first_of(options)
    return own if chosen == OWN else chosen


def first_of(options: dict[int, str]) -> int:
    """The likeliest of them, where nobody has picked one."""
    return 0 if 0 in options else OWN


def candidate_picker(names: Sequence[str], own: int | None) -> int:
    """Which of the best tokens is taken apart."""
    options = candidate_options(names, own)
    first = first_of(options)
    if state.controls(CANDIDATE).get("", first) not in options:
        state.set_control(CANDIDATE, first)
    state.choice(
        st.pills,
        "Possible next token",
        list(options),
        format_func=lambda place: safe(options[place]),
        default=first,
        key=CANDIDATE,
        required=True,
        **ui.KEEP,
    )
    return candidate_chosen(names, own)


def written_out(vector: np.ndarray, row: np.ndarray) -> str:
    """A dot product with its largest terms: `2.1·1.3 + 0.9·1.8 + 0.7·1.2 + 125 more`."""
    order = np.argsort(-np.abs(vector * row))[:TERMS]
    terms = [f"{number(vector[i])}·{number(row[i])}" for i in order]
    more = len(vector) - len(terms)
    return " + ".join(terms) + (f" + {more} more" if more else "")


def signed(value: float) -> str:
    """A number with its sign, as books write it."""
    return f"{value:+.2f}".replace("-", "−")


def number(value: float) -> str:
    """One factor, in brackets if it is negative."""
    return f"{value:.2f}" if value >= 0 else f"(−{-value:.2f})"


def dot_table(found: Candidates) -> str:
    """The best tokens' dot products as a table in markdown."""
    lines = ["| token | final vector · output row | logit | softmax |", "|:--|:--|--:|--:|"]
    for place, name in enumerate(found.names):
        bold = "**" if place == found.chosen else ""
        product, chance = written_out(found.vector, found.rows[place]), percent(float(found.probs[place]))
        cells = (safe(visible(name)), product, f"{found.logits[place]:.2f}", chance)
        lines.append("| " + " | ".join(f"{bold}{cell}{bold}" for cell in cells) + " |")
    return "\n".join(lines)


def additions(here: Here, token: int) -> tuple[list[Addition], np.ndarray, str]:
    """What each part, and each head (L, H), has added to a token's logit; or why nothing adds up."""
    try:
        parts, heads = cache.parts_of_logit(here.look, here.prompt.ids, here.token, token)
    except ValueError as reason:
        return [], np.empty((0, 0)), str(reason)
    named = {"token": ("token", "embedding"), "position": ("position", "embedding")}
    named |= {"edits": ("your edits", "edits"), "end": ("final shift", "final norm")}
    for layer in range(here.config.n_layers):
        named[f"blocks.{layer}.attn"] = (f"attn {layer}", "attention")
        named[f"blocks.{layer}.ffn"] = (f"ffn {layer}", "feed-forward")
    placed = here.config.position in ("learned", "sinusoidal")
    unused = set() if placed else {"position"}
    unused |= set() if here.look.edits else {"edits"}
    kept = {name: value for name, value in parts.items() if name not in unused}
    return [Addition(*named[name], value) for name, value in kept.items()], heads, ""


def sums(parts: Sequence[Addition]) -> dict[str, float]:
    """What all parts of a kind have added together."""
    found: dict[str, float] = {}
    for part in parts:
        found[part.kind] = found.get(part.kind, 0.0) + part.value
    return found


def product_sentence(found: Candidates) -> str:
    """The chosen token's dot product, for screen readers and the back row."""
    place = found.chosen
    product = written_out(found.vector, found.rows[place])
    chance = percent(float(found.probs[place]))
    return f"{product} = {found.logits[place]:.2f}, the logit; softmax over all tokens makes {chance} of it."


def steps_sentence(parts: Sequence[Addition], name: str) -> str:
    """What each kind of part has added, as one sum."""
    added = sums(parts)
    told = ", ".join(f"{kind} {signed(value)}" for kind, value in added.items())
    total = sum(added.values())
    return (
        f"{told}: together {total:.2f}, the logit of «{name}» at the end. The final norm's divisor is held "
        "at its true value; otherwise nothing would add up."
    )


def heads_sentence(heads: np.ndarray) -> str:
    """The head that adds most."""
    layer, head = np.unravel_index(heads.argmax(), heads.shape)
    return f"Layer {layer}, head {head} adds most: {signed(heads[layer, head])}."


def numbers(here: Here, answer: Answer, found: Candidates, parts: Sequence[Addition]) -> dict[str, object]:
    """What the lesson's sentences are filled with."""
    added, products = sums(parts), found.vector * found.rows[found.chosen]
    adding = ", ".join(f"{kind} {signed(value)}" for kind, value in added.items())
    return {
        "token": visible(piece_name(here.prompt.pieces[here.token])),
        "answer": answer.token,
        "chance": percent(answer.probability),
        "since": answer.since,
        "first": answer.first,
        "first_chance": percent(answer.first_probability),
        "tied": TIED if here.config.tie_weights else UNTIED,
        "settled": percent(answer.settled),
        "candidate": visible(found.names[found.chosen]),
        "logit": float(found.logits[found.chosen]),
        "width": len(products),
        "largest": float(products[np.abs(products).argmax()]),
        "written": adding or None,
    }
