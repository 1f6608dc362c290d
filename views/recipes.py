"""The controls from which a recipe is made, and the button that starts it."""

from dataclasses import replace

import streamlit as st

from core.config import GPTConfig
from core.gpt import parameter_count
from core.library import library
from core.text import decode_text
from core.training import TrainConfig
from runs import Recipe, StoreError
from runs.prepare import check_recipe
from views import cache, state
from views.figures.activations import name_of
from views.following import follow
from views.text import safe

OWN_TEXT = "own"
SIZES = {  # layers, heads, width
    "tiny (2 × 2 × 32)": (2, 2, 32),
    "small (2 × 4 × 96)": (2, 4, 96),
    "medium (4 × 4 × 128)": (4, 4, 128),
    "large (6 × 6 × 192)": (6, 6, 192),
}
TOKENIZERS = {"bpe": "byte pairs", "char": "characters", "word": "words"}
RATES = [1e-4, 3e-4, 1e-3, 2e-3, 5e-3, 1e-2, 3e-2, 0.1, 1.0, 10.0]


def keep(key: str) -> dict:
    """A control beside the Start button: kept across pages, and no reason to run the page again."""
    return {"key": f"pretraining_{key}", "persist_state": "session", "on_change": "ignore"}


def recipe_controls() -> None:
    """Text, size and hyper-parameters; what is chosen is read when Start is pressed."""
    left, middle, right = st.columns(3)
    texts = {key: text.title for key, text in library().items()} | {OWN_TEXT: "My own text …"}
    corpus = left.selectbox(
        "Text",
        list(texts),
        format_func=lambda key: texts.get(key, key),
        key="pretraining_corpus",
        persist_state="session",
    )
    middle.select_slider("Model (layers × heads × width)", list(SIZES), list(SIZES)[1], **keep("size"))
    right.select_slider("Steps", [50, 100, 200, 400, 800, 1600], 400, **keep("steps"))
    if corpus == OWN_TEXT:
        own_text()
    with st.expander("All hyper-parameters"):
        hyper_parameters()


def own_text() -> None:
    """A text to write, paste or upload."""
    file = st.file_uploader("Upload a text (.txt, .md), or write one below", ["txt", "md"], max_upload_size=5)
    if file is not None and state.is_new("pretraining_upload", file.file_id):
        try:
            text, notice = decode_text(file.getvalue())
            state.set_control("pretraining_text", text)
        except ValueError as error:  # what was written before stays
            notice = str(error)
        if notice:
            st.warning(safe(notice), icon=":material/description:")
    st.text_area("Text to learn from", height=140, key="pretraining_text", persist_state="session")


def hyper_parameters() -> None:
    """What a first run need not touch."""
    one, two, three = st.columns(3)
    one.select_slider("Learning rate", RATES, 5e-3, **keep("rate"))
    one.selectbox("Schedule", ["cosine", "constant"], **keep("schedule"))
    one.selectbox(
        "Tokenizer", list(TOKENIZERS), format_func=lambda key: TOKENIZERS.get(key, key), **keep("tokenizer")
    )
    two.select_slider("Context length (tokens)", [16, 32, 64, 128], 64, **keep("context"))
    two.select_slider("Batch (windows a step)", [4, 8, 16, 32], 8, **keep("batch"))
    two.select_slider("Dropout", [0.0, 0.1, 0.2, 0.4], 0.0, **keep("dropout"))
    three.number_input("Seed", 0, 2**53 - 1, 123, **keep("seed"))
    three.selectbox(
        "Activation", ["gelu_tanh", "gelu", "relu", "silu"], format_func=name_of, **keep("activation")
    )
    three.selectbox("Position", ["learned", "sinusoidal", "rotary", "none"], **keep("position"))
    one.toggle("Causal mask", True, **keep("causal"))
    two.toggle("Residual connections", True, **keep("residual"))
    three.selectbox("LayerNorm", ["pre", "post", "none"], **keep("norm"))


def chosen_recipe() -> Recipe:
    """The recipe that the controls describe. ValueError, with the rule, for one that cannot be."""
    chosen = state.controls("pretraining_")
    layers, heads, width = SIZES[chosen["size"]]
    default = Recipe.preset("default")
    own = chosen["corpus"] == OWN_TEXT
    return replace(
        default,
        corpus=None if own else chosen["corpus"],
        text=chosen.get("text", "") if own else None,
        tokenizer=chosen["tokenizer"],
        model=GPTConfig(
            vocab_size=default.model.vocab_size,  # of the byte-pair vocabulary that is learned first
            context_length=chosen["context"],
            emb_dim=width,
            n_heads=heads,
            n_layers=layers,
            drop_rate=chosen["dropout"],
            causal=chosen["causal"],
            residual=chosen["residual"],
            norm=chosen["norm"],
            position=chosen["position"],
            activation=chosen["activation"],
        ),
        train=train_config(default.train, chosen),
        batch_size=chosen["batch"],
        seed=chosen["seed"],
    )


def train_config(default: TrainConfig, chosen: dict) -> TrainConfig:
    """The part of the recipe that says how the weights are changed."""
    rate = chosen["rate"]
    return replace(
        default,
        learning_rate=rate,
        min_learning_rate=rate / 30,
        schedule=chosen["schedule"],
        steps=chosen["steps"],
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
    run_id = cache.store().start(recipe, state.owner(), click)
    if warnings:
        state.say("pretraining", " ".join(warnings))
    follow(run_id)


def size_sentence(recipe: Recipe, config: GPTConfig) -> str:
    """What is being trained, in one line."""
    tokens = recipe.batch_size * config.context_length
    parameters = f"{parameter_count(config):,} parameters"
    return f"{parameters} · {tokens:,} tokens a step · vocabulary {config.vocab_size:,}"
