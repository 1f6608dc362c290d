"""What was found in the file: the table of names, the proof, and a first sign of life."""

from dataclasses import dataclass

import streamlit as st

from runs.brought import About
from views import cache, next_token, ui
from views.bring_words import (
    classes_sentence,
    config_sentence,
    parity_sentence,
    size_sentence,
    vocabulary_sentence,
)
from views.cache.example import storytellers_file
from views.catalogue import is_brought
from views.components.name_table import name_table
from views.here import Here
from views.look import Sampling
from views.names import groups_of
from views.phrases import count_of
from views.road import file_of
from views.tables.named import tensors, unshown
from views.text import prose, safe

FIRST_WORDS = 24  # tokens
LINKS = ("attention", "embeddings", "tokenizer", "activations", "residuals", "sampling")


@dataclass(frozen=True)
class Found:
    """A file and what it is called; before anybody has brought one, the Storyteller's own."""

    about: About
    name: str
    is_example: bool


def found_here(here: Here) -> Found:
    """The model that is chosen, if it was brought."""
    if is_brought(cache.store(), here.choice.key):
        return Found(cache.about_model(here.choice.key), here.choice.label, False)
    return Found(storytellers_file(), "The Storyteller's own file, as an example", True)


def picture(found: Found) -> None:
    """The table of names, one line for each kind of tensor, and below it the proof."""
    st.header(safe(found.name), anchor=False)
    about = found.about
    st.markdown(
        f":material/{'check_circle' if about.parity is not None else 'info'}: {safe(parity_sentence(about))}"
    )
    name_table(
        *groups_of(about.rows),
        key="bring_names",
        label=f"{count_of(len(about.rows), 'tensor')} of the file and their places in Glassbox",
    )
    ui.below("bring_names", lambda: tensors(about.rows))
    said = [
        size_sentence(about.config),
        config_sentence(about),
        vocabulary_sentence(about),
        classes_sentence(about),
    ]
    st.markdown("  \n".join(safe(sentence) for sentence in (*said, *map(ended, about.said)) if sentence))
    facts_table(about)
    if st.toggle("Every tensor, one by one", key="bring_all", **ui.KEEP):
        every_tensor(about)


def ended(sentence: str) -> str:
    """A sentence with its full stop."""
    return sentence if sentence.endswith(".") else f"{sentence}."


def facts_table(about: About) -> None:
    """What no shape shows: its value, who says it, and what a sentence costs with the other choices."""
    if any(fact.source != "the file" for fact in about.facts):
        st.markdown("**What no shape of a tensor shows**")
        st.dataframe(unshown(about.facts), hide_index=True, key="bring_facts")


def every_tensor(about: About) -> None:
    """The whole table."""
    st.dataframe(tensors(about.rows), hide_index=True, key="bring_rows")


def sign_of_life(here: Here, found: Found) -> None:
    """What the model writes after the prompt, the likeliest token each time; and where to go from here."""
    if found.is_example or not here.prompt.ids:
        return
    written = cache.continuation(here.look, here.prompt.ids, FIRST_WORDS, Sampling(temperature=0.0))
    st.header("Its first words", anchor=False)
    st.markdown(
        f"{prose(here.prompt.text[-300:])}:blue[{prose(next_token.text_of(here.tokenizer, written)) or ' '}]"
    )
    st.caption("After the prompt, the likeliest token each time: temperature 0.")
    st.markdown("This model is now chosen on every page:")
    with st.container(horizontal=True):
        for path in LINKS:
            st.page_link(file_of(path), label=path.capitalize())


def moved_words(cut: int, turned: int) -> str:
    """What is done to the file's tensors on the way; what is done to none is left out."""
    apart = (
        f"{cut} of the file's {'holds' if cut == 1 else 'hold'} queries, keys and values side by side and "
    )
    apart += f"{'is' if cut == 1 else 'are'} cut into three. "
    round_ = f"{turned} {'is' if turned == 1 else 'are'} kept as (in, out) and turned round. "
    return apart * bool(cut) + round_ * bool(turned)


def numbers(found: Found) -> dict[str, object]:
    """What the lesson's sentences are filled with."""
    rows = found.about.rows
    cut = len({row.theirs for row in rows if "third" in row.how})
    turned = len({row.theirs for row in rows if "transposed" in row.how})
    return {
        "moved": moved_words(cut, turned),
        "tensors": len({row.theirs for row in rows if row.theirs}),
        "weights": len({row.ours for row in rows if row.ours}),
        "cut": cut,
        "turned": turned,
        "heads": found.about.config.n_heads,
        "width": found.about.config.emb_dim,
    }
