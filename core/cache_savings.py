"""What keeping keys and values saves: multiplications counted, bytes paid, seconds measured."""

import time
from collections.abc import Sequence
from typing import NamedTuple

import torch

from core.anatomy import BYTES
from core.config import GPTConfig
from core.gpt import GPTModel
from core.sampling import generate
from core.trace import Tap, no_tap


def work_of_next_token(config: GPTConfig, length: int, cached: bool) -> int:
    """Multiply-adds for one token more after `length` tokens; those of matrices, all others are few.

    Without the cache every row of the window is computed again, with it the last one alone. Past the context
    length the window moves, with all positions in it: then nothing that was kept is true any more.
    """
    C, L, window = config.emb_dim, config.n_layers, min(length, config.context_length)
    rows = 1 if cached and length <= config.context_length else window
    weights = L * (4 * C * C + 2 * C * config.hidden_dim) * rows  # attention, feed-forward
    attention = 2 * L * C * rows * window  # a score with each token of the window, and a share of its value
    return weights + attention + config.vocab_size * C  # the output layer reads the last row alone


def kept_bytes(config: GPTConfig, tokens: int) -> int:
    """The memory of the keys and values of so many tokens, in single precision."""
    return BYTES * 2 * config.n_layers * config.emb_dim * min(tokens, config.context_length)


class Writing(NamedTuple):
    """A text that was written, and how long that took."""

    ids: tuple[int, ...]
    seconds: float

    @property
    def speed(self) -> float:
        """Tokens a second."""
        return len(self.ids) / self.seconds


def timed_writing(
    model: GPTModel, ids: Sequence[int], count: int, *, use_cache: bool, seed: int, tap: Tap = no_tap, **how
) -> Writing:
    """Write `count` tokens and look at the clock. `how` is temperature, top_k and top_p."""
    generator = torch.Generator().manual_seed(seed)
    start = time.perf_counter()
    found = tuple(generate(model, ids, count, generator=generator, use_cache=use_cache, tap=tap, **how))
    return Writing(found, time.perf_counter() - start)
