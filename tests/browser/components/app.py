"""A small app that shows every component on made-up attention; test_components_live.py drives it."""

import sys
from pathlib import Path

import numpy as np
import streamlit as st

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from core.pieces import Piece
from core.roles import ROLES
from views.components import (
    HeadVectors,
    Matrix,
    arcs,
    head_grid,
    head_view,
    matrix,
    thumbnails,
    token_chips,
)

WORDS = ["The", " cat", " sat", "\n", " שלום", " <b>mat</b>", "\x00", "\u202e", " it", " was", "."]
LAYERS = HEADS = int(st.query_params.get("n", 12))
T = len(WORDS)
PLAYED = [*ROLES[:4], None]  # nobody is diffuse
ROLE_OF_HEADS = [
    [(role, (layer + 1) / 20) if (role := PLAYED[head % len(PLAYED)]) else None for head in range(HEADS)]
    for layer in range(LAYERS)
]


@st.cache_data(max_entries=4)
def attention(layers: int, heads: int) -> np.ndarray:
    scores = np.random.default_rng(0).normal(size=(layers, heads, T, T)) * 2
    weights = np.exp(scores) * np.tril(np.ones((T, T)))
    return weights / weights.sum(-1, keepdims=True)


def set_head(cell: tuple[int, int]) -> None:
    st.session_state.layer, st.session_state.head = cell


def set_token(index: int) -> None:
    st.session_state.token = index
    st.session_state.clicks = st.session_state.get("clicks", 0) + 1


st.set_page_config(page_title="components", layout="wide")
layer = st.sidebar.number_input("layer", 0, LAYERS - 1, key="layer")
head = st.sidebar.number_input("head", 0, HEADS - 1, key="head")
token = st.sidebar.number_input("token", 0, T - 1, key="token")
ends = np.cumsum([len(word) for word in WORDS]).tolist()
pieces = [
    Piece(i, w.encode(), w, end - len(w), end) for i, (w, end) in enumerate(zip(WORDS, ends, strict=True))
]
weights = attention(LAYERS, HEADS)[layer, head]
vectors = np.random.default_rng(1).normal(size=(T, 16)).astype(np.float32)

token_chips(pieces, picked=token, key="chips", label="Tokens of the text", on_pick=set_token)
head_grid(
    thumbnails(attention(LAYERS, HEADS)),
    picked=(layer, head),
    key="grid",
    label="All heads",
    roles=ROLE_OF_HEADS,
    on_pick=set_head,
)
head_view(
    weights,
    pieces,
    vectors=HeadVectors(vectors, vectors),
    picked=token,
    key="view",
    label="One head",
    on_pick=set_token,
)
arcs(
    weights[token, : token + 1],
    pieces,
    picked=token,
    key="arcs",
    label="Where a token looks",
    on_pick=set_token,
)
numbers = np.array([[0.5, -0.25, -np.inf], [1.0, 0.0, 2.0]])
formulas = [[f"formula of {row}, {column}" for column in range(3)] for row in range(2)]
matrix(
    Matrix("First", numbers[:, :2], ["one", "<b>"], ["x", "y"], kind="share", roles=("key", "value")),
    Matrix("Second", numbers, ["one", "<b>"], ["x", "y", "z"], formulas),
    picked=min(token, 1),
    key="matrix",
    label="Two tables",
    on_pick=set_token,
)
st.text(f"state {layer} {head} {token} clicks {st.session_state.get('clicks', 0)}")
