"""What is said of a model that was brought, in sentences with its numbers."""

from core.anatomy import BYTES
from core.config import GPTConfig
from core.gpt import parameter_count
from runs.brought import About
from views.phrases import count_of
from views.text import shown

CLOSE = 1e-3  # a larger difference of logits than rounding makes
FIELDS = {
    "position": "Positions",
    "n_heads": "Heads",
    "activation": "Activation",
    "norm_eps": "LayerNorm eps",
}
BENDS = {"gelu": "GELU (exact)", "gelu_tanh": "GELU (tanh)", "relu": "ReLU", "silu": "SiLU"}


def parity_sentence(about: About) -> str:
    """The proof that the numbers have found their places, or why there is none."""
    if about.parity is None:
        return f"Not held against the file: {about.without_parity}."
    tokens = f"{about.parity_tokens} random tokens"
    what = "scores" if about.classes else "logits"
    worst = f"the largest difference between two {what} is {shown(about.parity)}"
    if about.parity > CLOSE:
        return f"The file's own arithmetic and our model differ on {tokens}: {worst}. Do not trust it."
    return f"The file's own arithmetic and our model agree on {tokens}: {worst}.{unproved(about)}"


def unproved(about: About) -> str:
    """What the proof cannot show, because both sides compute with the same value, which no file says."""
    names = [FIELDS[fact.field] for fact in about.facts if fact.source != "the file"]
    if not names:
        return ""
    return (
        f" No file says {enumerated(names)}: both sides compute with the same choice, so this shows that "
        "every number is in its place, and not that the choice is right."
    )


def enumerated(names: list[str]) -> str:
    """Names in a sentence, in small letters but for abbreviations."""
    low = [name if name.startswith("LayerNorm") else name.lower() for name in names]
    return " and ".join([", ".join(low[:-1]), low[-1]] if len(low) > 1 else low)


def value_words(field: str, value: object) -> str:
    """A value of a field that no shape shows, for people to read."""
    if isinstance(value, str):
        return BENDS.get(value, "none added" if field == "position" and value == "none" else value)
    return f"{value:g}"


def size_sentence(config: GPTConfig) -> str:
    """How large it is."""
    count = parameter_count(config)
    tied = ", the tied output layer counted once" if config.tie_weights else ""
    return f"{count:,} parameters{tied} · {memory(count * BYTES)} in memory"


def memory(count: int) -> str:
    """Bytes as people read them."""
    return f"{count / 1e6:,.0f} MB" if count >= 1e6 else f"{count / 1e3:,.0f} kB"


def config_sentence(about: About) -> str:
    """The architecture, and who says so."""
    config = about.config
    parts = [
        f"{count_of(config.n_layers, 'layer')} × {count_of(config.n_heads, 'head')} × width {config.emb_dim}",
        f"context {config.context_length:,}",
        f"vocabulary {config.vocab_size:,}",
        BENDS[config.activation],
        f"LayerNorm eps {config.norm_eps:g}",
        *([f"feed-forward width {config.ffn_width}"] if config.ffn_width else []),
        "Q, K, V with bias" if config.qkv_bias else "Q, K, V without bias",
        "output layer tied to the token table" if config.tie_weights else "an output layer of its own",
    ]
    return f"{' · '.join(parts)}. {source_sentence(about)}"


def source_sentence(about: About) -> str:
    """Where the numbers of the architecture come from."""
    heads = {
        "the file": "The file says how many heads there are",
        "you": "You said how many heads there are",
        "GPT-2's own width": "The file does not say how many heads there are; GPT-2 has so many here",
    }.get(about.heads_from, f"The number of heads is known from {about.heads_from}")
    assumed = [FIELDS[fact.field] for fact in about.facts if fact.source == "assumed"]
    told = f" {enumerated(assumed).capitalize()}: assumed, because no file says it." if assumed else ""
    return f"{heads}; the shapes show the sizes.{told}"


def vocabulary_sentence(about: About) -> str:
    """How its tokens are read, and which rows of the table have none."""
    left = about.config.vocab_size - about.tokens
    rows = (
        "has no token and is shown as its number"
        if left == 1
        else "have no token and are shown as their number"
    )
    padded = f"; {count_of(left, 'row')} of the table {rows}" if left > 0 else ""
    return f"Tokens are read by {about.vocabulary}{padded}."


def classes_sentence(about: About) -> str:
    """What became of a classifier's last layer."""
    if not about.classes:
        return ""
    return (
        f"This model sorts texts into {about.classes} classes. What you see is its body, with the token "
        "table as the output layer; the class layer is kept beside it."
    )
