"""The config of a model that others saved: what the file says of it, and what its tensors' shapes say."""

from collections.abc import Mapping
from dataclasses import replace

from core.assembly import Shape
from core.config import GPTConfig
from core.gpt2_names import count_layers
from core.json_object import read_json

Shapes = Mapping[str, Shape]

GPT2_HEADS = {768: 12, 1024: 16, 1280: 20, 1600: 25}  # GPT-2's four sizes
MOST_HEADS = 128
ACTIVATIONS = {
    "gelu_new": "gelu_tanh",
    "gelu_pytorch_tanh": "gelu_tanh",
    "gelu": "gelu",
    "relu": "relu",
    "silu": "silu",
}
DESCRIPTION = "the description of the model"
DAMAGED = f"{DESCRIPTION} is damaged"


class HeadsUnknown(ValueError):
    """The file does not say how many heads share its width, and shapes do not show it."""

    def __init__(self, emb_dim: int) -> None:
        self.emb_dim = emb_dim
        self.divisors = tuple(n for n in range(1, MOST_HEADS + 1) if emb_dim % n == 0)
        super().__init__(
            f"the file does not say how many heads share its width of {emb_dim}: give a config with n_heads, "
            f"one of {', '.join(map(str, self.divisors))}"
        )


def find_heads(emb_dim: int, said: object, yours: int | None) -> tuple[int, str]:
    """How many heads there are, and who says so. HeadsUnknown if nobody does."""
    if yours is not None:
        return yours, "you"
    if said is not None:
        return said, "the file"
    if emb_dim in GPT2_HEADS:
        return GPT2_HEADS[emb_dim], "GPT-2's own width"
    raise HeadsUnknown(emb_dim)


def our_config(text: str) -> GPTConfig:
    """The config that a checkpoint of ours carries. ValueError if it is damaged."""
    what = "the checkpoint's description of its model"
    facts = read_json(text, what)
    try:
        return GPTConfig(**facts)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{what} is damaged: {error}") from error


def book_config(shapes: Shapes, *, is_tied: bool, n_heads: int | None) -> tuple[GPTConfig, str]:
    """The config of a bare state dict under the book's names, and who says how many heads it has."""
    vocab_size, emb_dim = table_shape(shapes, "tok_emb.weight")
    has_positions = "pos_emb.weight" in shapes
    heads, heads_from = find_heads(emb_dim, None, n_heads)
    config = GPTConfig(
        vocab_size=vocab_size,
        context_length=table_shape(shapes, "pos_emb.weight")[0] if has_positions else 1024,
        emb_dim=emb_dim,
        n_heads=heads,
        n_layers=count_layers(shapes, "trf_blocks"),
        drop_rate=0.0,
        qkv_bias="trf_blocks.0.att.W_query.bias" in shapes,
        tie_weights=is_tied,
        position="learned" if has_positions else "none",
    )
    return config, heads_from


def gpt2_config(
    facts: Mapping, shapes: Shapes, *, is_tied: bool, is_nanogpt: bool, n_heads: int | None
) -> tuple[GPTConfig, str]:
    """The config that config.json or nanoGPT's model_args describes, and who says how many heads it has.

    What is not described, as in a bare file, is read from the shapes.
    """
    rows, columns = table_shape(shapes, "wte.weight")
    emb_dim = facts.get("n_embd", columns)
    heads, heads_from = find_heads(columns, facts.get("n_head"), n_heads)
    length = "block_size" if is_nanogpt else "n_positions"
    config = GPTConfig(
        vocab_size=facts.get("vocab_size", rows),
        context_length=facts.get(length, (*shapes.get("wpe.weight", ()), 1024)[0]),
        emb_dim=emb_dim,
        n_heads=heads,
        n_layers=facts.get("n_layer", count_layers(shapes, "h")),
        drop_rate=number(facts, "dropout" if is_nanogpt else "resid_pdrop", 0.0),
        qkv_bias=True,
        tie_weights=is_tied,
    )
    if is_nanogpt:
        return replace(config, activation="gelu"), heads_from
    refuse_unknown_features(facts, emb_dim)
    scale = flag(facts, "scale_attn_weights", True)
    return replace(config, activation=activation(facts), scale_scores=scale), heads_from


def refuse_other_types(facts: Mapping) -> None:
    """Raise ValueError if config.json describes a Llama, a BERT or anything else but GPT-2."""
    if (kind := facts.get("model_type", "gpt2")) != "gpt2":
        raise ValueError(
            f"config.json describes a model of the type {kind!r}: Glassbox reads GPT-2's type only"
        )


def activation(facts: Mapping) -> str:
    """Our name of the activation that config.json names. ValueError if we do not compute it."""
    name = facts.get("activation_function", "gelu_new")
    if not isinstance(name, str):
        raise ValueError(f"{DAMAGED}: activation_function is {name!r}, which is no name")
    if name not in ACTIVATIONS:
        raise ValueError(f"its activation {name!r} is not one of {', '.join(ACTIVATIONS)}")
    return ACTIVATIONS[name]


def refuse_unknown_features(facts: Mapping, emb_dim: int) -> None:
    """Raise ValueError for variants of GPT-2 that our model does not compute."""
    if (width := facts.get("n_inner") or 4 * emb_dim) != 4 * emb_dim:
        raise ValueError(f"its feed-forward width {width} is not four times the embedding width {emb_dim}")
    if facts.get("scale_attn_by_inverse_layer_idx") or facts.get("add_cross_attention"):
        raise ValueError(
            "it scales attention by layer or has cross-attention, which GPT-2 and Glassbox have not"
        )
    eps = number(facts, "layer_norm_epsilon", 1e-5)
    if not abs(eps - 1e-5) <= 1e-12:
        raise ValueError(f"its LayerNorm uses eps {eps}; GPT-2 and Glassbox use 1e-5")


def number(facts: Mapping, name: str, default: float) -> float:
    """A number of the description. ValueError if it is something else."""
    value = facts.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{DAMAGED}: {name} is {value!r}, which is no number")
    return value


def flag(facts: Mapping, name: str, default: bool) -> bool:
    """A yes or no of the description. ValueError if it is something else."""
    value = facts.get(name, default)
    if not isinstance(value, bool):
        raise ValueError(f"{DAMAGED}: {name} is {value!r}, which is neither true nor false")
    return value


def table_shape(shapes: Shapes, name: str) -> Shape:
    """Rows and columns of an embedding table. ValueError if the file has no such table."""
    if len(shapes.get(name, ())) != 2:
        raise ValueError(
            f"these are no weights of a GPT that Glassbox knows: there is no table {name}, "
            f"and the first of its {len(shapes)} tensors is {next(iter(shapes), 'missing')}"
        )
    return shapes[name]
