"""Save and load weights: ours, and under the names of the book, of GPT-2 and of nanoGPT (book 5.5)."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from uuid import uuid4

from safetensors.torch import save_file
from torch import Tensor

from core.assembly import assemble
from core.config import GPTConfig
from core.foreign import read_weights
from core.gpt import GPTModel
from core.gpt2_names import book_routes

BOOK_HAS_NO = ("causal", "scale_scores", "position", "residual", "norm", "activation", "norm_eps")  # choice


def save_model(model: GPTModel, path: str | Path) -> Path:
    """Write weights and config to one safetensors file, aside first and then renamed: whole or not at all."""
    path = Path(path)
    aside = path.with_name(f".{path.name}.{uuid4().hex}")
    state = {name: tensor.detach().contiguous() for name, tensor in model.state_dict().items()}
    if model.config.tie_weights:
        state.pop("out_head.weight")
    try:
        save_file(state, aside, metadata={"glassbox": json.dumps(asdict(model.config))})
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)
    return path


def load_model(path: str | Path, config: GPTConfig | None = None) -> GPTModel:
    """A model from our checkpoint, a Hugging Face GPT-2 folder, the book's state dict or nanoGPT's ckpt.pt.

    The kind is told from the names inside. A bare state dict does not say how many heads it has: then, and
    only then, `config` is needed (GPT-2's own widths are known). ValueError lists all that does not fit.
    """
    return read_weights(path, config=config).model()


def from_book_state(config: GPTConfig, state: Mapping[str, Tensor]) -> GPTModel:
    """A model with a copy of a state dict's weights under the book's names: all of it fits, or nothing."""
    return assemble(config, book_routes(state, config), state)


def book_state(model: GPTModel) -> dict[str, Tensor]:
    """The model's weights under the book's names, which are ours; tied weights appear under both.

    ValueError, with the field and its value, for a model that the book's class would compute otherwise.
    """
    usual = GPTConfig()
    for name in BOOK_HAS_NO:
        if (value := getattr(model.config, name)) != getattr(usual, name):
            raise ValueError(f"{name} is {value!r}, and the book's model knows {getattr(usual, name)!r} only")
    if model.config.hidden_dim != 4 * model.config.emb_dim:
        raise ValueError(
            f"ffn_width is {model.config.ffn_width}, and the book's model knows 4 * emb_dim only"
        )
    return {name: tensor.detach() for name, tensor in model.state_dict().items()}
