"""The same sentence in several languages: what each costs, and how each is cut."""

import streamlit as st

from core.library import languages
from views import components, state, ui
from views.figures.languages import language_costs
from views.here import Here
from views.phrases import count_of, phrase
from views.tables.tokens import tokens
from views.text import safe
from views.tokenizer.encodings import LARGE, NAMES, Encoded, encoded, in_words, tokens_per_character
from views.tokenizer.pieces import compare, found_in

WITHOUT = ("characters",)  # which cost one each, whatever the language


def show(here: Here, text: str) -> dict[str, object]:
    """The chart, and one of the sentences as tokens; the numbers of the lesson."""
    offered = [name for name in NAMES if name not in WITHOUT]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        name = state.choice(
            st.segmented_control,
            "Cut by",
            offered,
            default="GPT-2",
            required=True,
            key="tokenizer_cut_by",
            **ui.KEEP,
        )
        large = list(LARGE) if compare() else [name]
    found = found_in(here, text, {"unknown": False, "special": False, "large": large})
    costs = tokens_per_character(found)
    seen, caption = in_words(costs)
    drawn = language_costs(list(languages()), costs, ui.palette())
    ui.figure(drawn, key="tokenizer_languages", alt=seen, caption=caption)
    language = state.choice(
        st.segmented_control,
        f"The sentence, cut by {name}",
        list(languages()),
        default="Japanese",
        required=True,
        key="tokenizer_language",
        **ui.KEEP,
    )
    sentence = show_sentence(found[name], language)
    return {"sentence": sentence, "dearest": dearest(costs["GPT-2"])}


def show_sentence(one: Encoded, language: str) -> str:
    """One sentence as tokens, or why there are none; how many parts of characters are among them."""
    text = languages()[language].strip("\n")
    cut = encoded(one.tokenizer, text, special=False)
    if cut.problem:
        st.warning(safe(cut.problem), icon=":material/block:")
        return f"{phrase('tokenizer', language)}: {cut.problem}"
    label = f"The sentence in {language}, as {count_of(len(cut.pieces), 'token')}"
    components.token_chips(cut.pieces, key="tokenizer_sentence", label=label)
    parts = sum("\ufffd" in piece.text for piece in cut.pieces)
    counts = {"characters": len(text), "bytes": len(text.encode()), "tokens": len(cut.pieces)}
    told = phrase("tokenizer", "sentence", language=phrase("tokenizer", language), **counts)
    dashed = phrase("tokenizer", "dashed", parts=parts) if parts else ""
    told = phrase("tokenizer", "parts", sentence=told, parts=parts) if parts else told
    ui.below("tokenizer_sentence", lambda: tokens(cut.pieces), f"{told}{dashed}.")
    return told


def dearest(costs: list[float | None]) -> str:
    """The language that costs most against English, in words."""
    names, english = list(languages()), costs[0]
    place = max(range(len(names)), key=lambda i: costs[i] or 0)
    times = costs[place] / english
    return phrase("tokenizer", "dearest", language=phrase("tokenizer", names[place]), times=times)
