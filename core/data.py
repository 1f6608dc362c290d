"""From one long row of token ids to training examples: inputs, and the same shifted by one (book 2.6)."""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from core.config import check_whole_number


def sliding_windows(ids: Sequence[int] | Tensor, context_length: int, stride: int) -> tuple[Tensor, Tensor]:
    """Cut ids into windows; the target of each token is the next one: two of (N, context_length), long.

    Windows start at 0, stride, 2 stride, ... as long as a target is left for the last token.
    A text of at most context_length tokens has no window (N = 0).
    """
    ids = torch.as_tensor(ids, dtype=torch.long)
    starts = window_starts(len(ids), context_length, stride)
    if not starts:
        nothing = ids.new_empty(0, context_length)
        return nothing, nothing.clone()
    windows = ids.unfold(0, context_length + 1, stride)[: len(starts)]  # (N, context_length + 1)
    return windows[:, :-1].clone(), windows[:, 1:].clone()


def window_starts(n_tokens: int, context_length: int, stride: int) -> range:
    """Where windows begin in a text: 0, stride, 2 stride, ... while the last token still has a target."""
    check_whole_number("n_tokens", n_tokens, at_least=0)
    check_whole_number("context_length", context_length)
    check_whole_number("stride", stride)
    return range(0, n_tokens - context_length, stride)


def target_counts(n_tokens: int, context_length: int, stride: int) -> Tensor:
    """How many windows ask the model to foretell each token: (n_tokens,), long.

    The first token is never asked for: nothing stands before it. With a stride of context_length each token
    after it is asked for once, up to the last whole window.
    """
    counts = torch.zeros(n_tokens, dtype=torch.long)
    for start in window_starts(n_tokens, context_length, stride):
        counts[start + 1 : start + 1 + context_length] += 1
    return counts


def epoch_order(n_windows: int, batch_size: int, generator: torch.Generator | None = None) -> Tensor:
    """Which windows learn together in one pass through the text: (batches, batch_size), long.

    In the order of the text, or shuffled by a generator. Windows that fill no batch wait for the next pass.
    """
    check_whole_number("n_windows", n_windows, at_least=0)
    check_whole_number("batch_size", batch_size)
    order = torch.arange(n_windows) if generator is None else torch.randperm(n_windows, generator=generator)
    return order[: n_windows - n_windows % batch_size].view(-1, batch_size)


def random_batches(
    ids: Tensor, context_length: int, batch_size: int, generator: torch.Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    """Endless batches of windows from random places in the text: pairs of (batch_size, context_length).

    All randomness comes from `generator`: with its state saved, training goes on with the same batches.
    """
    check_long_enough(len(ids), context_length)
    offsets = torch.arange(context_length + 1)
    while True:
        starts = torch.randint(len(ids) - context_length, (batch_size, 1), generator=generator)
        windows = ids[starts + offsets]  # (batch_size, context_length + 1)
        yield windows[:, :-1], windows[:, 1:]


def train_validation_split(ids: Tensor, train_share: float = 0.9) -> tuple[Tensor, Tensor]:
    """The first part to learn from, the rest to be tested on, never to be seen in training (book 5.1.3)."""
    cut = int(len(ids) * train_share)
    return ids[:cut], ids[cut:]


def check_long_enough(n_tokens: int, context_length: int) -> None:
    """Raise ValueError if the text has no window of context_length tokens and one target."""
    if n_tokens <= context_length:
        raise ValueError(
            f"the text has {n_tokens:,} token(s), but a context of {context_length} needs at least "
            f"{context_length + 1}: give a longer text or choose a shorter context"
        )
