"""What may come next: the 20 likeliest tokens to pick from, the text, and the tree of what was written."""

from dataclasses import replace

import numpy as np
import streamlit as st

from core.branches import Path, tree_of
from core.sampling import next_token_probs
from views import cache, next_token, state, summaries, ui
from views.cache.sampling import surprises_of
from views.components.branches import branches
from views.components.next_tokens import Expected, next_tokens
from views.figures.base import visible
from views.phrases import count_of
from views.sampling import walk
from views.sampling.walk import MOST, Walk
from views.tables import answers as tables
from views.text import percent, prose, safe
from views.vocabulary import token_texts

SHOWN = 20  # tokens
LAST = 300  # characters of the prompt


def distribution(now: Walk) -> tuple[np.ndarray, np.ndarray]:
    """The model's own probabilities for the next token, and those that are drawn from: (V,) each."""
    look, ids = now.here.look, now.ids
    return next_token.probabilities(look, ids), next_token.probabilities(look, ids, now.settings)


def expected(now: Walk, own: np.ndarray, drawn: np.ndarray) -> tuple[list[int], Expected]:
    """The likeliest tokens' ids, and all that their rows tell."""
    logits, settings = cache.next_logits(now.here.look, now.ids), now.settings
    best, names = next_token.likeliest(now.here.tokenizer, own, SHOWN)
    total, nucleus = 1.0, 1.0
    if settings.temperature:
        tempered = next_token_probs(logits.double(), temperature=settings.temperature, top_k=settings.top_k)
        total = float(1 / tempered.max())  # the best one's share is e^0 / total
        nucleus = float(tempered[drawn > 0].sum())
    rows = Expected(
        texts=names,
        logits=logits.numpy()[best],
        own=own[best],
        drawn=drawn[best],
        others=len(own) - len(best),
        others_own=max(0.0, 1 - float(own[best].sum())),
        others_drawn=float(drawn.sum() - drawn[best].sum()) if (drawn > 0).sum() > len(best) else 0.0,
        temperature=settings.temperature,
        best=float(logits.max()),
        total=total,
        nucleus=nucleus,
    )
    return best.tolist(), rows


def bars(now: Walk, own: np.ndarray, drawn: np.ndarray) -> Expected:
    """The rows; a click on one forces its token."""
    ids, rows = expected(now, own, drawn)
    full = f"{MOST} tokens are written, the most: start again, or go back in the tree."
    next_tokens(
        rows,
        key="sampling_bars",
        label=f"The {len(ids)} likeliest next tokens. The likeliest is {visible(rows.texts[0])}",
        note=full if now.full else "A click forces this token.",
        on_pick=lambda place: None if now.full else walk.force(now, (ids[place],)),
    )
    told = bars_sentence(own, drawn, tempered(now))
    ui.below("sampling_bars", lambda: tables.next_tokens(rows), safe(told))
    return rows


def bits(probs: np.ndarray) -> float:
    """How open a choice is, in bits."""
    return abs(summaries.entropy(probs))  # no minus before the 0 of a choice that is none


def tempered(now: Walk) -> np.ndarray | None:
    """The probabilities (V,) after the temperature and before any cut; None at 0, which divides nothing."""
    settings = now.settings
    only = replace(settings, top_k=None, top_p=None)
    return next_token.probabilities(now.here.look, now.ids, only) if settings.temperature else None


def bars_sentence(own: np.ndarray, drawn: np.ndarray, before: np.ndarray | None) -> str:
    """How open the choice is, and what was cut: its share by the model, and `before` the cut."""
    cut = (drawn == 0) & (own > 0)
    open_to = f"Entropy {bits(own):.2f} bits by the model, {bits(drawn):.2f} as drawn."
    if not cut.any():
        return f"{open_to} Nothing is cut: each of {count_of(len(own), 'token')} may come."
    by_model = f"{percent(float(own[cut].sum()))} by the model"
    share = by_model if before is None else f"{percent(float(before[cut].sum()))} at this temperature"
    share += "" if before is None or np.allclose(own, before) else f" ({by_model} itself)"
    return f"{open_to} Cut: {cut.sum():,} of {count_of(len(own), 'token')}, which had {share}."


def text(now: Walk) -> None:
    """The end of the prompt, and what was written after it."""
    written = next_token.text_of(now.here.tokenizer, now.path)
    st.markdown(f"{prose(now.here.prompt.text[-LAST:])}:blue[{prose(written) or ' '}]")
    st.caption(f"{len(now.path)} of at most {MOST} tokens written by {safe(now.here.model_name)}")


def chances_along(now: Walk, path: Path) -> dict[Path, float]:
    """The probability that the model itself gave each token of a path, by the path up to it."""
    nats = surprises_of(now.here.look, now.here.prompt.ids, path) if path else ()
    return {path[: place + 1]: float(np.exp(-one)) for place, one in enumerate(nats)}


def tree(now: Walk) -> None:
    """All branches; a click goes back to where one of them was."""
    chances = {(): 1.0}
    for path in now.branches:
        chances |= chances_along(now, path)
    nodes = tree_of(now.branches, chances.get)
    places = [node.path for node in nodes]
    texts = ["", *token_texts(now.here.tokenizer, [path[-1] for path in places[1:]])]
    along = [chances[path] for path in places]
    branches(
        nodes,
        texts,
        along,
        current=places.index(now.path),
        key="sampling_branches",
        label=f"What was written, as a tree of {count_of(len(nodes) - 1, 'token')} in "
        f"{count_of(len(now.branches), 'branch|branches')}",
        on_pick=lambda place: state.set_path(places[place]),
    )
    told = f"The tree keeps {MOST} tokens: what was gone longest ago was let go." if now.gone else ""
    ui.below("sampling_branches", lambda: tables.branches(nodes, texts, along), told)


def numbers(now: Walk, own: np.ndarray, drawn: np.ndarray, rows: Expected) -> dict[str, object]:
    """What the lesson's sentences are filled with."""
    return {
        "best": visible(rows.texts[0]),
        "own": percent(float(rows.own[0])),
        "drawn": percent(float(rows.drawn[0])),
        "own_bits": bits(own),
        "drawn_bits": bits(drawn),
        "kept": int((drawn > 0).sum()),
        "vocab": now.here.config.vocab_size,
        "branches": len(now.branches),
    }
