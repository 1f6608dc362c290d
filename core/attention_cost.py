"""What attention costs: every token is compared with every other, so the cost grows with the square."""

from typing import NamedTuple

from core.anatomy import BYTES
from core.config import GPTConfig
from core.gpt import matrix_weights


def weight_bytes(config: GPTConfig, tokens: int) -> int:
    """Memory of all attention weights of one text, if all are kept: L·H·T²·4 bytes.

    GPT-2 small at its 1,024 tokens: 12 x 12 x 1024^2 x 4 = 576 MiB.
    """
    return config.n_layers * config.n_heads * tokens**2 * BYTES


class Work(NamedTuple):
    """Multiplications, each with its addition, of one forward pass over one text."""

    attention: int  # each token with each: queries with keys, weights with values
    rest: int  # every weight of a matrix once a token: projections, feed-forward, output layer

    @property
    def share(self) -> float:
        """Attention's share of all, from 0 to 1."""
        return self.attention / (self.attention + self.rest)


def work(config: GPTConfig, tokens: int) -> Work:
    """The work of a text of so many tokens. Cutting the width into heads changes nothing in it."""
    attention = 2 * config.n_layers * tokens**2 * config.emb_dim
    return Work(attention=attention, rest=tokens * matrix_weights(config))


def crossover(config: GPTConfig) -> float:
    """The length of text at which attention costs as much as all the rest: 2·C + U + V / (2·L) tokens."""
    return 2 * config.emb_dim + config.hidden_dim + config.vocab_size / (2 * config.n_layers)
