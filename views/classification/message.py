"""Your message: the probability of each class, which words mattered, and what padding does."""

import numpy as np
import pandas as pd
import streamlit as st

from core.occlusion import MOST_WORDS, words_in
from views import state, ui
from views.cache import classification as cached
from views.classification.reading import ids_of, reading_sentence
from views.classification.seen import Seen
from views.components.weighed import weighed_words
from views.figures.classification import answer_by_length, class_bars
from views.here import Here
from views.phrases import count_of
from views.prompt import clean_text
from views.tables.grid import listing
from views.text import percent, safe

LONGEST = 4000  # characters that are looked at
MOST_FIRST = 20  # texts of which the shortest stands in the field at first
FULL = 0.25  # of the probability: the least that the deepest colour stands for


def draw(here: Here, seen: Seen) -> None:
    """The field, the answer, the words, and the padding."""
    first = min(cached.parts(seen.now.run_id).judge.texts[:MOST_FIRST], key=len)
    written = st.text_area("Your message", first, key="classification_message", height=90, **ui.KEEP)
    text, notices = clean_text(written)
    if len(text) > LONGEST:
        notices = [f"Your message has {len(written):,} characters; the first {LONGEST:,} are looked at here."]
        text = text[:LONGEST]
    for notice in notices:
        st.caption(f":material/info: {safe(notice)}")
    length = padding_slider(here, seen)
    if not words_in(text):
        st.info("Write something, and the model says which class it belongs to.", icon=":material/edit:")
        return
    probs, added = cached.words_that_mattered(seen.now, text, length)
    best = int(probs.argmax())
    left, right = st.columns([1, 1.3], gap="large")
    with left:
        answer(seen, probs, best)
    with right:
        words(seen, text, added, best)
    if len(ids_of(text, here.tokenizer)[0]) and here.config.context_length > 1:
        padding(here, seen, text, length)


def padding_slider(here: Here, seen: Seen) -> int:
    """To how many tokens the message is cut or filled up."""
    longest = here.config.context_length
    if longest < 2:
        return 1
    if state.controls("classification_").get("padded", 0) > longest:
        state.set_control("classification_padded", longest)
    return st.slider(
        "Length: the message is cut, or filled up with padding (tokens)",
        1,
        min(longest, 256),
        min(seen.learned.length, longest),
        key="classification_padded",
        **ui.KEEP,
    )


def answer(seen: Seen, probs: np.ndarray, best: int) -> None:
    """The probability of each class."""
    sentence = f"{safe(seen.name)}: {safe(seen.classes[best])}, {percent(float(probs[best]))}."
    drawn = class_bars(probs, seen.classes, seen.inks, ui.palette())
    ui.figure(drawn, key="classification_answer", alt=sentence, caption=sentence)


def words(seen: Seen, text: str, added: np.ndarray, best: int) -> None:
    """The message with each word coloured by what it adds to the answer."""
    found = [word.text for word in words_in(text)][:MOST_WORDS]
    shares = added[:, best]
    most = max(FULL, float(np.abs(shares).max(initial=0)))
    sentence = words_sentence(found, shares, seen.classes[best])
    weighed_words(
        found,
        shares,
        most=most,
        name=seen.classes[best],
        read=[bool(row.any()) for row in added],
        key="classification_words",
        label=sentence,
    )

    def table() -> pd.DataFrame:
        return listing({"word": found, f"adds to {seen.classes[best]} (points)": 100 * shares})

    ui.below("classification_words", table, sentence, ("png",), large=True)


def words_sentence(found: list[str], shares: np.ndarray, name: str) -> str:
    """Which word speaks loudest, for and against."""
    loudest = int(np.abs(shares).argmax())
    if not shares.any():
        return "No word changes anything: none of them comes before the token that is read."
    way = "for" if shares[loudest] > 0 else "against"
    count = int((shares != 0).sum())
    return (
        f"{count} of {count_of(len(found), 'word')} {'changes' if count == 1 else 'change'} the "
        f"answer. {safe(found[loudest])} speaks loudest, {way} "
        f"{safe(name)}: left out, its probability changes by {-100 * float(shares[loudest]):+.0f} points."
    )


def padding(here: Here, seen: Seen, text: str, length: int) -> None:
    """The answer at every length, from one token to the longest."""
    longest = min(here.config.context_length, 256)
    probs = cached.by_length(seen.now, text, longest)
    best = int(probs[length - 1].argmax())
    tokens = len(ids_of(text, here.tokenizer)[0])
    told = reading_sentence(tokens, length, seen.learned.read)
    filled = probs[min(tokens, longest) - 1 :, best]
    ends = [percent(float(end)) for end in (filled.min(), filled.max())]
    reach = f" With more padding the answer lies between {ends[0]} and {ends[1]}."
    drawn = answer_by_length(
        probs[:, best],
        seen.classes[best],
        tokens=tokens,
        length=length,
        ink=seen.inks[best],
        palette=ui.palette(),
    )
    sentence = told + (reach if len(filled) > 1 else "")
    ui.figure(drawn, key="classification_padding", alt=sentence, caption=sentence)
