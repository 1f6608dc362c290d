"""What a GPT is made of, by arithmetic alone: its numbers, its shapes, its memory and its work."""

from dataclasses import replace
from typing import NamedTuple

from core.config import GPTConfig
from core.gpt import matrix_weights, parameter_count

TOKENS_A_PARAMETER = 20  # what a model of a size is best trained on (Hoffmann et al. 2022, "Chinchilla")
YEAR = 365.25 * 24 * 3600  # seconds
BYTES = 4  # a number in single precision


class Part(NamedTuple):
    """One kind of learned numbers."""

    name: str
    where: str  # "start", "block" or "end"
    count: int  # in one block, for the parts of a block
    formula: str  # with V, C and T as in the shapes


def parts_of(config: GPTConfig) -> list[Part]:
    """Every learned number of a model, in the order of the forward pass (book 4.6).

    A block's parts stand here once, and are there `n_layers` times. Heads only divide the width among
    themselves: their number changes nothing.
    """
    V, T, C = config.vocab_size, config.context_length, config.emb_dim
    U, biases = config.hidden_dim, 3 if config.qkv_bias else 0
    learned, normed = config.position == "learned", config.norm != "none"
    found = [
        Part("token embedding", "start", V * C, "V·C"),
        Part("position embedding", "start", T * C if learned else 0, "T·C"),
        Part("attention", "block", 4 * C * C + (1 + biases) * C, f"4·C² + {'4·' if biases else ''}C"),
        Part("feed-forward", "block", 2 * C * U + U + C, hidden_formula(config)),
        Part("layer norms", "block", 4 * C if normed else 0, "2·2·C"),
        Part("final norm", "end", 2 * C if config.norm == "pre" else 0, "2·C"),
        Part("output layer", "end", 0 if config.tie_weights else V * C, "V·C"),
    ]
    return [part for part in found if part.count]


def hidden_formula(config: GPTConfig) -> str:
    """The feed-forward layer's formula: in GPT-2 all of it follows from the width."""
    U = config.hidden_dim
    return "8·C² + 5·C" if 4 * config.emb_dim == U else f"2·C·{U} + {U} + C"


def times(part: Part, config: GPTConfig) -> int:
    """How often the part is there: 12 different blocks are 12 different sets of numbers."""
    return config.n_layers if part.where == "block" else 1


def tables_share(config: GPTConfig) -> float:
    """The share of all numbers that stand in tables of tokens: the embedding, and the output if untied."""
    tables = config.vocab_size * config.emb_dim * (1 if config.tie_weights else 2)
    return tables / parameter_count(config)


class Stage(NamedTuple):
    """One tensor on the way through the model, by its name in a trace."""

    name: str
    shape: tuple[int, ...]
    what: str


def stages_of(config: GPTConfig, batch_size: int, tokens: int) -> list[Stage]:
    """The shapes of a forward pass. What enters a block and what leaves it are alike: (B, T, C)."""
    B, T, C, H, D = batch_size, tokens, config.emb_dim, config.n_heads, config.head_dim
    U = config.hidden_dim
    return [
        Stage("ids", (B, T), "a whole number for each token"),
        Stage("embedded", (B, T, C), "a row of the table for each, plus its place"),
        Stage("blocks.0.resid_in", (B, T, C), "what enters a block"),
        Stage("blocks.0.attn.queries", (B, H, T, D), "the width, cut into heads; keys and values alike"),
        Stage("blocks.0.attn.weights", (B, H, T, T), "how much each token looks at each"),
        Stage("blocks.0.attn.out", (B, T, C), "the heads side by side again, mixed"),
        Stage(
            "blocks.0.ffn.hidden",
            (B, T, U),
            "four times as wide" if U == 4 * C else f"{U / C:.3g} times as wide",
        ),
        Stage("blocks.0.ffn.out", (B, T, C), "and back"),
        Stage("blocks.0.resid_out", (B, T, C), "what leaves a block: the shape that came in"),
        Stage("final_norm", (B, T, C), "after the last block"),
        Stage("logits", (B, T, config.vocab_size), "a score for every token of the vocabulary"),
    ]


class Memory(NamedTuple):
    """What something takes in memory."""

    name: str
    bytes: int
    formula: str


def memory_of(config: GPTConfig, batch_size: int) -> list[Memory]:
    """Memory of training with AdamW in single precision, and of the cache for writing one long text.

    A MiB is 2^20 bytes; the book calls it MB.
    """
    P = parameter_count(config)
    kept = f"{BYTES} bytes · B·T·(L·(34·C + 2·H·T) + 3·V), B = {batch_size}"  # core.budget.activation_count
    cached = 2 * config.n_layers * config.emb_dim * config.context_length
    return [
        Memory("weights", BYTES * P, f"{BYTES} bytes · {P:,}"),
        Memory("gradients", BYTES * P, "as many again"),
        Memory("AdamW's two means", 2 * BYTES * P, "twice as many"),
        Memory(
            "activations",
            BYTES * activation_count(config, batch_size),
            kept,
        ),
        Memory("KV cache", BYTES * cached, f"{BYTES} bytes · 2·L·C·T, for one text"),
    ]


def activation_count(config: GPTConfig, batch_size: int) -> int:
    """Numbers kept for the way back: about 18 widths and 4 times the hidden units (in GPT-2 34 widths)
    a token and block, the attention maps, the logits."""
    tokens = batch_size * config.context_length
    block = 18 * config.emb_dim + 4 * config.hidden_dim + 2 * config.n_heads * config.context_length
    return tokens * (config.n_layers * block + 3 * config.vocab_size)


def forward_flops(config: GPTConfig, batch_size: int, tokens: int) -> int:
    """Additions and multiplications of one forward pass, those of matrices: all others are few beside them.

    Every weight of a matrix multiplies and adds once a token; looking up a row of a table is free. Attention
    compares each token with each and mixes: 4·T·C a token and block.
    """
    attention = 4 * config.n_layers * tokens * config.emb_dim
    return (2 * matrix_weights(config) + attention) * batch_size * tokens


def training_flops(config: GPTConfig, tokens: float) -> float:
    """The work of training on so many tokens in full windows; the way back costs twice the way there."""
    return 3 * forward_flops(config, 1, config.context_length) / config.context_length * tokens


def nearest_valid(config: GPTConfig, field: str, wanted: dict[str, int]) -> int:
    """The value of one field nearest to the wanted one with which the wanted numbers make a valid config.

    ValueError if there is none near.
    """
    middle = wanted[field]
    for distance in range(2 * max(wanted.values()) + 2):
        for value in (middle - distance, middle + distance):
            if is_valid(config, wanted | {field: value}):
                return value
    raise ValueError(f"no other {field} makes these numbers a model")


def is_valid(config: GPTConfig, numbers: dict[str, int]) -> bool:
    """Whether a config with these numbers can be built."""
    try:
        replace(config, **numbers)
    except ValueError:
        return False
    return True
