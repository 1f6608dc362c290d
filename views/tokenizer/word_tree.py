"""How a word was built: the merges behind its tokens, as a tree."""

import streamlit as st

from core.bpe import split_words
from core.merge_tree import Node, trees_after, trees_of
from core.pieces import without_surrogates
from core.tokenizer import load_tokenizer
from views import state, ui
from views.components.merge_tree import merge_tree
from views.figures.base import visible
from views.phrases import phrase
from views.tables.tokens import merges
from views.tokenizer.learning import STEP, Learned

OWN, GPT2 = "this vocabulary", "GPT-2"
MOST_BYTES = 28  # leaves side by side
MOST_WORDS = 60  # of the prompt, to choose from
FALLBACK = " daughter"


def show(now: Learned, text: str) -> None:
    """Choose a word, and see which merges made it."""
    words = words_of(text)
    left, right = st.columns([1.3, 1], vertical_alignment="bottom")
    written = left.selectbox(
        "A word of the prompt, or type one",
        words,
        longest(words),
        accept_new_options=True,
        key="tokenizer_word",
        **ui.KEEP,
    )
    whose = state.choice(
        right.segmented_control,
        "Merges of",
        [OWN, GPT2],
        default=OWN,
        required=True,
        key="tokenizer_tree",
        **ui.KEEP,
    )
    word, cut = first_bytes(without_surrogates(unseen(written or FALLBACK)))
    own = whose == OWN
    trees = trees_after(word, now.merges) if own else trees_of(load_tokenizer("gpt2"), word)
    when = phrase("tokenizer", "after_merges", step=now.step) if own else phrase("tokenizer", "for_gpt2")
    sentence = told(word, trees, when)
    merge_tree(
        trees,
        now=now.step if own else None,
        key="tokenizer_word_tree",
        label=sentence,
        on_pick=(lambda number: state.set_control(STEP, number)) if own else None,
    )
    number, place = phrase("tokenizer", "number"), phrase("tokenizer", "go_back" if own else "gpt2_learned")
    drawn = phrase("tokenizer", "drawn", most=MOST_BYTES) * cut
    ui.below("tokenizer_word_tree", lambda: merges(trees), f"{number} {place} {drawn}")


def words_of(text: str) -> list[str]:
    """The different words of a text as the merges see them, each with the space before it, visible."""
    found = dict.fromkeys(visible(word) for word in split_words(text) if word.strip())
    return list(found)[:MOST_WORDS] or [visible(FALLBACK)]


def longest(words: list[str]) -> int:
    """Where the longest word stands that can be drawn whole."""
    sizes = [len(word) if len(unseen(word).encode()) <= MOST_BYTES else 0 for word in words]
    return sizes.index(max(sizes))


def unseen(written: str) -> str:
    """White space again where a sign stands for it."""
    return written.replace("·", " ").replace("↵", "\n").replace("⇥", "\t")


def first_bytes(word: str) -> tuple[str, bool]:
    """As many whole characters as can be drawn, and whether something was cut."""
    kept = word.encode()[:MOST_BYTES].decode("utf-8", "ignore")
    return kept, kept != word


def told(word: str, trees: list[Node], when: str) -> str:
    """The tree in words."""
    names = [visible(node.token.decode("utf-8", "replace")) for node in trees]
    merges = sum(map(merges_in, trees))
    return phrase(
        "tokenizer",
        "tree" if merges else "tree_bytes",
        word=visible(word),
        bytes=len(word.encode()),
        tokens=len(trees),
        when=when,
        names=" | ".join(names),
        merges=merges,
    )


def merges_in(node: Node) -> int:
    """How many merges stand in a tree."""
    return bool(node.parts) + sum(map(merges_in, node.parts))
