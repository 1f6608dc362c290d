"""Everything about a recipe that a first run need not touch, and what the choices mean."""

import streamlit as st

from core.config import GPTConfig
from core.training import TrainConfig
from runs import Recipe
from views import state
from views.figures.activations import name_of

TOKENIZERS = {
    "bpe": "byte pairs",
    "char": "characters",
    "word": "words",
    "gpt2": "GPT-2's 50,257 (slow)",
}
RATES = [1e-4, 3e-4, 1e-3, 2e-3, 5e-3, 1e-2, 3e-2, 0.1, 1.0, 10.0]
UNCLIPPED = "none"
LOWEST_SHARE = 50  # the cosine ends at this part of the highest rate


def keep(key: str) -> dict:
    """A control beside the Start button: kept across pages, and no reason to run the page again."""
    return {
        "key": f"pretraining_{key}",
        "persist_state": "session",
        "bind": "query-params",
        "on_change": "ignore",
    }


def hyper_parameters() -> None:
    """How it learns, from what, and with which parts of the model left out."""
    learning, data, model = st.columns(3)
    with learning:
        learning_controls()
    with data:
        data_controls()
    with model:
        model_controls()


def learning_controls() -> None:
    """How the weights are changed."""
    state.choice(st.select_slider, "Learning rate", RATES, value=5e-3, **keep("rate"))
    state.choice(st.selectbox, "Schedule", ["cosine", "constant"], **keep("schedule"))
    state.choice(st.select_slider, "Warm-up (steps)", [0, 10, 20, 50, 100], value=20, **keep("warmup"))
    state.choice(st.select_slider, "Weight decay", [0.0, 0.01, 0.1, 0.3, 1.0], value=0.1, **keep("decay"))
    state.choice(
        st.select_slider, "Longest gradient", [0.1, 0.5, 1.0, 5.0, UNCLIPPED], value=1.0, **keep("clip")
    )
    state.choice(st.select_slider, "Dropout", [0.0, 0.1, 0.2, 0.4], value=0.0, **keep("dropout"))


def data_controls() -> None:
    """What it learns from, in which pieces."""
    state.choice(
        st.selectbox,
        "Tokenizer",
        list(TOKENIZERS),
        format_func=lambda key: TOKENIZERS.get(key, key),
        **keep("tokenizer"),
    )
    state.choice(
        st.select_slider,
        "Vocabulary (byte pairs)",
        [257, 300, 512, 1024, 2048],
        value=512,
        **keep("vocabulary"),
    )
    state.choice(st.select_slider, "Context length (tokens)", [16, 32, 64, 128], value=64, **keep("context"))
    state.choice(st.select_slider, "Batch (windows a step)", [4, 8, 16, 32, 96], value=8, **keep("batch"))
    state.choice(
        st.select_slider, "Evaluate every … steps", [5, 10, 20, 40, 100], value=20, **keep("evaluate")
    )
    st.number_input("Seed", 0, 2**53 - 1, 123, **keep("seed"))


def model_controls() -> None:
    """Parts of the model, each to be left out or exchanged."""
    state.choice(st.selectbox, "Position", ["learned", "sinusoidal", "rotary", "none"], **keep("position"))
    state.choice(st.selectbox, "LayerNorm", ["pre", "post", "none"], **keep("norm"))
    state.choice(
        st.selectbox,
        "Activation",
        ["gelu_tanh", "gelu", "relu", "silu"],
        format_func=name_of,
        **keep("activation"),
    )
    st.toggle("Causal mask", True, **keep("causal"))
    st.toggle("Residual connections", True, **keep("residual"))
    st.toggle("Scores divided by √D", True, **keep("scale"))
    st.toggle("Tied output layer", False, **keep("tying"))
    st.toggle("Query, key, value bias", False, **keep("bias"))


def model_config(chosen: dict, size: tuple[int, int, int]) -> GPTConfig:
    """The chosen architecture; size is layers, heads, width. ValueError, with the rule, if it cannot be."""
    layers, heads, width = size
    return GPTConfig(
        vocab_size=chosen["vocabulary"],  # of the byte pairs; other tokenizers bring their own
        context_length=chosen["context"],
        emb_dim=width,
        n_heads=heads,
        n_layers=layers,
        drop_rate=chosen["dropout"],
        qkv_bias=chosen["bias"],
        tie_weights=chosen["tying"],
        causal=chosen["causal"],
        scale_scores=chosen["scale"],
        residual=chosen["residual"],
        norm=chosen["norm"],
        position=chosen["position"],
        activation=chosen["activation"],
    )


def train_config(chosen: dict) -> TrainConfig:
    """How the weights are changed; the rest is as in the default recipe."""
    return TrainConfig(
        learning_rate=chosen["rate"],
        min_learning_rate=chosen["rate"] / LOWEST_SHARE,
        weight_decay=chosen["decay"],
        betas=Recipe.preset().train.betas,
        steps=chosen["steps"],
        warmup_steps=chosen["warmup"],
        schedule=chosen["schedule"],
        clip_norm=None if chosen["clip"] == UNCLIPPED else chosen["clip"],
    )
