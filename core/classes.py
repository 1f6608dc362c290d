"""A GPT that sorts texts: a layer with one row per class in the place of the output layer (book 6.5)."""

from dataclasses import replace

import torch

from core.gpt import GPTModel
from core.linear import Linear


def class_layer(
    emb_dim: int, classes: int, *, bias: bool = True, generator: torch.Generator | None = None
) -> Linear:
    """The layer that scores classes instead of tokens; the book's has a bias: (..., C) -> (..., classes)."""
    return Linear(emb_dim, classes, bias=bias, generator=generator)


def number_of_classes(model: GPTModel) -> int | None:
    """How many classes a model sorts texts into; None if it predicts tokens."""
    head = model.out_head
    is_token_layer = head.bias is None and head.out_features == model.config.vocab_size
    return None if is_token_layer else head.out_features


def as_language_model(model: GPTModel) -> GPTModel:
    """A classifier's body, shared and not copied, with the token table as its output layer.

    The class layer took the output layer's place and the old one is lost; the table of token embeddings is
    the nearest to it (GPT-2 used one table for both). A model that predicts tokens comes back as it is.
    """
    if number_of_classes(model) is None:
        return model
    with torch.device("meta"):
        body = GPTModel(replace(model.config, tie_weights=True))
    state = {name: x for name, x in model.state_dict().items() if not name.startswith("out_head.")}
    body.load_state_dict(state | {"out_head.weight": state["tok_emb.weight"]}, assign=True)
    body.out_head.weight = body.tok_emb.weight
    return body.eval()
