"""The controls from which a recipe is made, and the button that starts it."""

from dataclasses import replace

import streamlit as st

from core.config import GPTConfig
from core.gpt import parameter_count
from core.library import library
from core.text import decode_text
from runs import Recipe, StoreError
from runs.prepare import check_recipe
from runs.recipe import LONGEST_TEXT
from views import cache, state
from views.following import follow
from views.hyper_parameters import hyper_parameters, keep, model_config, train_config
from views.text import safe

OWN_TEXT = "own"
SIZES = {  # layers, heads, width
    "tiny (2 × 2 × 32)": (2, 2, 32),
    "small (2 × 4 × 96)": (2, 4, 96),
    "medium (4 × 4 × 128)": (4, 4, 128),
    "large (6 × 6 × 192)": (6, 6, 192),
}


def recipe_controls() -> None:
    """Text, size and hyper-parameters; what is chosen is read when Start is pressed."""
    left, middle, right = st.columns(3)
    labels = {key: text.label for key, text in library().items()}
    first = next(iter(labels))  # one's own comes second: the end of a long list would hide it
    texts = {first: labels[first], OWN_TEXT: "My own text …"} | labels
    corpus = state.choice(
        left.selectbox,
        "Text",
        list(texts),
        format_func=lambda key: texts.get(key, key),
        key="pretraining_corpus",  # runs the page again: one's own text needs a field
        persist_state="session",
        bind="query-params",
    )
    state.choice(
        middle.select_slider,
        "Model (layers × heads × width)",
        list(SIZES),
        value=list(SIZES)[1],
        **keep("size"),
    )
    state.choice(right.select_slider, "Steps", [50, 100, 200, 400, 800, 1600], value=400, **keep("steps"))
    if corpus == OWN_TEXT:
        own_text()
    with st.expander("All hyper-parameters"):
        hyper_parameters()


def own_text() -> None:
    """A text to write, paste or upload."""
    file = st.file_uploader("Upload a text (.txt, .md), or write one below", ["txt", "md"], max_upload_size=5)
    if file is not None and state.is_new("pretraining_upload", file.file_id):
        try:
            text, notice = decode_text(file.getvalue(), LONGEST_TEXT)
            state.set_control("pretraining_text", text)
        except ValueError as error:  # what was written before stays
            notice = str(error)
        if notice:
            st.warning(safe(notice), icon=":material/description:")
    st.text_area("Text to learn from", height=140, key="pretraining_text", persist_state="session")


def chosen_recipe() -> Recipe:
    """The recipe that the controls describe. ValueError, with the rule, for one that cannot be."""
    chosen = state.controls("pretraining_")
    own = chosen["corpus"] == OWN_TEXT
    return Recipe(
        corpus=None if own else chosen["corpus"],
        text=chosen.get("text", "") if own else None,
        tokenizer=chosen["tokenizer"],
        model=model_config(chosen, SIZES[chosen["size"]]),
        train=train_config(chosen),
        batch_size=chosen["batch"],
        eval_every=chosen["evaluate"],
        seed=chosen["seed"],
    )


def start(click: str) -> None:
    """The Start button: queue the run, and look at it from now on; or say in one sentence why not."""
    try:
        begin(chosen_recipe(), click)
    except (ValueError, StoreError) as error:
        state.say("pretraining", str(error))
    state.click_token("pretraining", renew=True)


def start_slower(run_id: str, rate: float) -> None:
    """A run of which nothing good is left: the same from step 0, at a lower rate."""
    recipe = cache.store().recipe(run_id).as_begun()
    lowest = recipe.train.min_learning_rate * rate / recipe.train.learning_rate
    train = replace(recipe.train, learning_rate=rate, min_learning_rate=lowest)
    try:
        begin(replace(recipe, train=train))
    except (ValueError, StoreError) as error:
        state.say("pretraining", str(error))


def train_again(run_id: str) -> None:
    """The recipe of a run whose checkpoints are gone, once more."""
    try:
        begin(cache.store().recipe(run_id))
    except (ValueError, StoreError) as error:
        state.say("pretraining", str(error))


def begin(recipe: Recipe, click: str | None = None) -> None:
    """Queue the run, say what it is warned of, and look at it from now on. ValueError, StoreError if not."""
    warnings = check_recipe(recipe).warnings
    run_id = cache.store().start(recipe, state.known_owner(), click, address=state.visitor_address())
    if warnings:
        state.say("pretraining", " ".join(warnings))
    follow(run_id)


def size_sentence(recipe: Recipe, config: GPTConfig) -> str:
    """What is being trained, in one line."""
    tokens = recipe.batch_size * config.context_length
    parameters = f"{parameter_count(config):,} parameters"
    return f"{parameters} · {tokens:,} tokens a step · vocabulary {config.vocab_size:,}"
