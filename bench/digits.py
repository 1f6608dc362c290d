"""What weights in fewer digits cost: the Storyteller's loss, and how often its best token stays the same."""

from itertools import pairwise

import torch

from core.decoding import PRODUCTS, Decoder
from core.kv_cache import KVCache
from core.library import read_text
from core.sampling import last_logits
from core.training import next_token_loss
from runs import storyteller

WINDOWS, LENGTH, START = 16, 128, 200_000  # windows of tokens, and the character at which the text begins


def logits_of(decoder: Decoder, model, ids: list[int]) -> torch.Tensor:
    """The scores after each token of a window, one after the other, as in writing: (T - 1, V)."""
    cache = KVCache(model.config)
    rows = [last_logits(model, ids[:1], cache)]
    return torch.stack(rows + [decoder(token, cache) for token, _ in pairwise(ids[1:])])


def rows() -> list[str]:
    """A row of a table for each kind of weights: loss in nats a token, and agreement of the best token."""
    model = storyteller.open_step(None)
    ids = storyteller.tokenizer().encode(read_text("grimm")[START:])[: WINDOWS * LENGTH]
    windows = [ids[at : at + LENGTH] for at in range(0, len(ids), LENGTH)]
    targets = torch.tensor([window[1:] for window in windows]).flatten()
    found, plain = [], None
    for weights in PRODUCTS:
        decoder = Decoder(model, weights)
        logits = torch.cat([logits_of(decoder, model, window) for window in windows])
        best = logits.argmax(-1)
        plain = best if plain is None else plain
        loss, same = next_token_loss(logits, targets).item(), (best == plain).float().mean().item()
        found.append(f"| {weights} | {loss:.4f} | {same:.1%} |")
    return found
