import streamlit as st

from core.bpe import apply_merge, merge_races
from core.merge_tree import merge_trees, trees_of
from views import state, ui
from views.phrases import phrase
from views.prompt import clean_text
from views.tokenizer import languages, learning, pieces, word_tree

TOKENS, LANGUAGES, LEARN = "the prompt's tokens", "languages", "learn a vocabulary"

here = ui.page_header("tokenizer")
text, _ = clean_text(state.prompt_text())
view = state.choice(
    st.segmented_control,
    "Look at",
    [TOKENS, LANGUAGES, LEARN],
    default=TOKENS,
    required=True,
    key="tokenizer_view",
    **ui.KEEP,
)

if view == TOKENS:
    name, options = pieces.controls()
    found = pieces.found_in(here, text, options)
    chosen = found[name]
    pieces.chips(here, text, chosen)
    pieces.size(chosen, text)
    pieces.back_to_text(chosen)
    st.header(phrase("tokenizer", "each"))
    pieces.show_counts(found, text)
    ui.explain("tokenizer/pieces", **pieces.numbers(found, text))
    ui.show_code(type(chosen.tokenizer).encode)

elif view == LANGUAGES:
    ui.explain("tokenizer/languages", **languages.show(here, text))
    ui.show_code(type(here.tokenizer).encode)

else:
    now = learning.learned()
    learning.show_race(now)
    st.header(phrase("tokenizer", "built"))
    word_tree.show(now, text[:2000])
    ui.explain("tokenizer/learning", **learning.numbers(now))
    ui.show_code(merge_races, apply_merge, merge_trees, trees_of)
