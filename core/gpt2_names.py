"""GPT-2's names and ours, in one table: how Hugging Face's and nanoGPT's checkpoints become the book's."""

import re
from collections.abc import Mapping

import torch
from torch import Tensor

from core.config import GPTConfig

State = Mapping[str, Tensor]

TABLES = {"wte.weight": "tok_emb.weight", "wpe.weight": "pos_emb.weight", "lm_head.weight": "out_head.weight"}
FINAL_NORM = {"ln_f.weight": "final_norm.scale", "ln_f.bias": "final_norm.shift"}
NORMS = {"ln_1.weight": "norm1.scale", "ln_1.bias": "norm1.shift"}
NORMS |= {"ln_2.weight": "norm2.scale", "ln_2.bias": "norm2.shift"}
LAYERS = {"attn.c_proj": "att.out_proj", "mlp.c_fc": "ff.layers.0", "mlp.c_proj": "ff.layers.2"}
QKV = ("att.W_query", "att.W_key", "att.W_value")  # GPT-2 keeps the three side by side as attn.c_attn
ACTIVATIONS = {
    "gelu_new": "gelu_tanh",
    "gelu_pytorch_tanh": "gelu_tanh",
    "gelu": "gelu",
    "relu": "relu",
    "silu": "silu",
}
HEADS = {768: 12, 1024: 16, 1280: 20, 1600: 25}  # GPT-2's four sizes


def plain_name(name: str) -> str:
    """The name without what Hugging Face puts before it."""
    return name.removeprefix("transformer.")


def without_wrapper(state: State) -> dict[str, Tensor]:
    """The tensors without the `_orig_mod.` that torch.compile puts before every name."""
    return {name.removeprefix("_orig_mod."): tensor for name, tensor in state.items()}


def uses_gpt2_names(state: State) -> bool:
    """Whether the tensors are named as in GPT-2."""
    return any(plain_name(name) == "wte.weight" for name in state)


def known_heads(emb_dim: int) -> int:
    """GPT-2's number of heads for a width. ValueError for other widths: shapes do not show the heads."""
    if emb_dim not in HEADS:
        divisors = [n for n in range(1, 129) if emb_dim % n == 0]
        raise ValueError(
            f"the file does not say how many heads share its width of {emb_dim}: give a config with n_heads, "
            f"one of {', '.join(map(str, divisors))}"
        )
    return HEADS[emb_dim]


def count_layers(state: State, prefix: str) -> int:
    """How many blocks the names speak of."""
    numbers = [int(m[1]) for name in state if (m := re.match(rf"{prefix}\.(\d+)\.", plain_name(name)))]
    return max(numbers, default=-1) + 1


def config_from(facts: Mapping, state: State) -> GPTConfig:
    """The config that Hugging Face's config.json or nanoGPT's model_args, and the shapes, describe."""
    refuse_unknown_features(facts)
    tensors = {plain_name(name): tensor for name, tensor in state.items()}
    is_nanogpt = "block_size" in facts
    vocab_size, emb_dim = table_shape(tensors, "wte.weight")
    return GPTConfig(
        vocab_size=vocab_size,
        context_length=table_shape(tensors, "wpe.weight")[0],
        emb_dim=emb_dim,
        n_heads=facts.get("n_head") or known_heads(emb_dim),
        n_layers=count_layers(state, "h"),
        drop_rate=float(facts.get("dropout" if is_nanogpt else "resid_pdrop", 0.0)),
        qkv_bias=True,
        tie_weights=is_tied(tensors.get("lm_head.weight"), tensors["wte.weight"]),
        scale_scores=facts.get("scale_attn_weights", True),
        activation="gelu" if is_nanogpt else ACTIVATIONS[facts.get("activation_function", "gelu_new")],
    )


def refuse_unknown_features(facts: Mapping) -> None:
    """Raise ValueError for variants of GPT-2 that our model does not compute."""
    activation = facts.get("activation_function", "gelu_new")
    if activation not in ACTIVATIONS:
        raise ValueError(f"its activation {activation!r} is not one of {', '.join(ACTIVATIONS)}")
    width = facts.get("n_inner") or 4 * facts.get("n_embd", 0)
    if width != 4 * facts.get("n_embd", 0):
        raise ValueError(
            f"its feed-forward width {width} is not four times the embedding width {facts.get('n_embd')}"
        )
    if facts.get("scale_attn_by_inverse_layer_idx") or facts.get("add_cross_attention"):
        raise ValueError(
            "it scales attention by layer or has cross-attention, which GPT-2 and Glassbox have not"
        )
    if abs(facts.get("layer_norm_epsilon", 1e-5) - 1e-5) > 1e-12:
        raise ValueError(f"its LayerNorm uses eps {facts['layer_norm_epsilon']}; GPT-2 and Glassbox use 1e-5")


def table_shape(state: State, name: str) -> tuple[int, int]:
    """Rows and columns of an embedding table. ValueError if the state has no such table."""
    if name not in state or state[name].ndim != 2:
        raise ValueError(f"these are no weights of a GPT that Glassbox knows: there is no table {name}")
    rows, columns = state[name].shape
    return rows, columns


def is_tied(head: Tensor | None, embedding: Tensor) -> bool:
    """Whether the output layer is the token embedding: absent, or equal to it."""
    return head is None or (head.dtype == embedding.dtype and torch.equal(head, embedding))


def to_book_names(state: State, config: GPTConfig) -> dict[str, Tensor]:
    """GPT-2's tensors under the book's names: Q, K and V apart, layers kept as (in, out) turned."""
    tensors = {plain_name(name): tensor for name, tensor in state.items()}
    turned = is_transposed(tensors, config.emb_dim)
    book: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        block, _, rest = name.removeprefix("h.").partition(".") if name.startswith("h.") else ("", "", name)
        prefix = f"trf_blocks.{block}." if block else ""
        book |= {prefix + ours: x for ours, x in rename(rest, tensor, turned).items()}
    return book | missing_biases(book, config)


def rename(name: str, tensor: Tensor, turned: bool) -> dict[str, Tensor]:
    """One tensor of GPT-2 as one of ours, or three; the mask's buffers as none; others keep their name."""
    if name in ("attn.bias", "attn.masked_bias"):
        return {}
    known = TABLES | FINAL_NORM | NORMS
    if name in known:
        return {known[name]: tensor}
    layer, _, kind = name.rpartition(".")
    if kind == "weight" and turned and layer in (*LAYERS, "attn.c_attn"):
        tensor = tensor.mT if tensor.ndim == 2 else tensor
    if layer == "attn.c_attn" and tensor.ndim and len(tensor) % 3 == 0:
        return {f"{ours}.{kind}": part for ours, part in zip(QKV, tensor.chunk(3), strict=True)}
    return {f"{LAYERS.get(layer, layer)}.{kind}": tensor}


def is_transposed(tensors: State, emb_dim: int) -> bool:
    """Hugging Face keeps GPT-2's Conv1D weights as (in, out), nanoGPT's linear layers as (out, in)."""
    weight = tensors.get("h.0.mlp.c_fc.weight")
    return weight is not None and weight.shape[:1] == (emb_dim,)


def missing_biases(book: State, config: GPTConfig) -> dict[str, Tensor]:
    """Zeros for the biases that a nanoGPT with bias=False does not have: the same function."""
    C = config.emb_dim
    sizes = {
        "norm1.shift": C,
        "norm2.shift": C,
        "att.out_proj.bias": C,
        "ff.layers.0.bias": 4 * C,
        "ff.layers.2.bias": C,
    }
    sizes |= {f"{name}.bias": C for name in QKV}
    wanted = {f"trf_blocks.{i}.{name}": n for i in range(config.n_layers) for name, n in sizes.items()}
    if any(name in book for name in wanted):
        return {}  # it has biases: one that lacks is an error, and will be listed
    return {name: torch.zeros(n) for name, n in wanted.items()} | {"final_norm.shift": torch.zeros(C)}
