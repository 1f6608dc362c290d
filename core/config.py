"""Every number that defines a GPT, checked once, before a tensor exists."""

from dataclasses import dataclass
from numbers import Integral

POSITIONS = ("learned", "sinusoidal", "rotary", "none")
NORMS = ("pre", "post", "none")
ACTIVATIONS = ("gelu", "gelu_tanh", "relu", "silu")


@dataclass(frozen=True, slots=True, kw_only=True)
class GPTConfig:
    """The architecture of one GPT (book 4.1). Frozen, so it can be a cache key."""

    vocab_size: int = 50257  # V, GPT-2's byte-pair vocabulary
    context_length: int = 256  # longest input, in tokens
    emb_dim: int = 128  # C, width of the residual stream
    n_heads: int = 4  # H, attention heads per block
    n_layers: int = 4  # L, blocks, each used once
    drop_rate: float = 0.1  # share of activations set to zero while training
    qkv_bias: bool = False  # GPT-2 has it, newer models do not
    tie_weights: bool = False  # use the token embedding as the output layer too
    causal: bool = True  # hide the future
    scale_scores: bool = True  # divide Q.K by sqrt(head_dim)
    position: str = "learned"  # how the model knows the order of the tokens
    residual: bool = True  # add each layer's input to its output
    norm: str = "pre"  # LayerNorm before each layer, after it, or nowhere
    activation: str = "gelu_tanh"  # the bend between the two feed-forward layers
    norm_eps: float = 1e-5  # added to the variance in LayerNorm, so that nothing is divided by 0
    ffn_width: int | None = None  # numbers between the two feed-forward layers; None for GPT-2's 4C

    def __post_init__(self) -> None:
        """Refuse a config that no model can be built from, naming the rule."""
        settle_whole_numbers(self, "vocab_size", "context_length", "emb_dim", "n_heads", "n_layers")
        if self.ffn_width is not None:
            settle_whole_numbers(self, "ffn_width")
        if isinstance(self.norm_eps, bool | str) or not 0 < self.norm_eps <= 1:
            raise ValueError(f"norm_eps is {self.norm_eps!r}: it must be a number above 0 and at most 1")
        check_choice("position", self.position, POSITIONS)
        check_choice("norm", self.norm, NORMS)
        check_choice("activation", self.activation, ACTIVATIONS)
        if not 0 <= self.drop_rate < 1:
            raise ValueError(f"drop_rate {self.drop_rate} must be at least 0 and below 1")
        if self.emb_dim % self.n_heads:
            raise ValueError(f"emb_dim {self.emb_dim} must be a multiple of n_heads {self.n_heads}")
        if self.position == "rotary" and self.head_dim % 2:
            raise ValueError(f"rotary positions turn pairs of numbers: head_dim {self.head_dim} must be even")

    @property
    def head_dim(self) -> int:
        """D, the width of one head: the heads share the embedding's width."""
        return self.emb_dim // self.n_heads

    @property
    def hidden_dim(self) -> int:
        """U, hidden units of a feed-forward layer: the numbers between its two linear layers."""
        return 4 * self.emb_dim if self.ffn_width is None else self.ffn_width


def check_whole_number(name: str, value: int, at_least: int = 1) -> None:
    """Raise ValueError unless `value` is an integer, Python's or numpy's, of at least `at_least`."""
    if not isinstance(value, Integral) or isinstance(value, bool) or value < at_least:
        raise ValueError(f"{name} is {value!r}: it must be a whole number of at least {at_least}")


def settle_whole_numbers(config: object, *names: str, at_least: int = 1) -> None:
    """Check these fields of a frozen config, and keep them as Python's integers: numpy's are no JSON."""
    for name in names:
        check_whole_number(name, getattr(config, name), at_least)
        object.__setattr__(config, name, int(getattr(config, name)))


def check_seed(seed: int) -> None:
    """Raise ValueError unless every random generator takes `seed`."""
    if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed < 2**63:
        raise ValueError(f"seed is {seed!r}: it must be a whole number from 0 to 2^63 - 1")


def check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    """Raise ValueError unless `value` is one of `choices`."""
    if value not in choices:
        raise ValueError(f"{name} is {value!r}: choose one of {', '.join(choices)}")


TINY = GPTConfig(vocab_size=50, context_length=32, emb_dim=16, n_heads=2, n_layers=2, drop_rate=0.0)
CLASSROOM = GPTConfig(vocab_size=2048, context_length=128, emb_dim=192, n_heads=6, n_layers=6, drop_rate=0.0)
GPT2_SMALL = GPTConfig(context_length=1024, emb_dim=768, n_heads=12, n_layers=12)  # book 4.1
GPT2_MEDIUM = GPTConfig(context_length=1024, emb_dim=1024, n_heads=16, n_layers=24)
GPT2_LARGE = GPTConfig(context_length=1024, emb_dim=1280, n_heads=20, n_layers=36)
GPT2_XL = GPTConfig(context_length=1024, emb_dim=1600, n_heads=25, n_layers=48)
