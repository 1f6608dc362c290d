"""From scores to the next token, and from next tokens to text (book 5.1, 5.3)."""

import math
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from core.config import check_whole_number
from core.decoding import Decoder, suits
from core.gpt import GPTModel
from core.kv_cache import KVCache
from core.linear import fresh_generator
from core.trace import Tap, no_tap


def next_token_probs(
    logits: Tensor, *, temperature: float = 1.0, top_k: int | None = None, top_p: float | None = None
) -> Tensor:
    """Turn the scores of all tokens into the probabilities to draw from: (V,) -> (V,).

    In this order: keep the top_k best (ties at the k-th stay), divide by the temperature, softmax, keep the
    smallest set of tokens whose probabilities reach top_p, renormalise. Temperature 0: the best token alone.
    """
    check_sampling(temperature, top_k, top_p)
    scores = usable_scores(logits)
    dtype = logits.dtype if logits.is_floating_point() else torch.get_default_dtype()
    if temperature == 0:
        return one_hot(scores.argmax(), scores).to(dtype)
    if top_k is not None:
        scores = keep_top_k(scores, top_k)
    probs = torch.softmax((scores - scores.max()) / temperature, dim=-1)
    if top_p is not None:
        probs = keep_top_p(probs, top_p)
    return probs.to(dtype)


def keep_top_k(scores: Tensor, k: int) -> Tensor:
    """Set every score below the k-th best to minus infinity: (V,) -> (V,)."""
    kth_best = scores.topk(min(k, len(scores))).values[-1]
    return scores.masked_fill(scores < kth_best, -math.inf)


def keep_top_p(probs: Tensor, p: float) -> Tensor:
    """Keep the fewest most likely tokens whose probabilities reach p, and renormalise: (V,) -> (V,)."""
    if p == 1:
        return probs
    ordered, order = probs.sort(descending=True, stable=True)
    before = ordered.cumsum(-1).roll(1)  # probability of all better tokens
    before[0] = 0.0
    kept = torch.zeros_like(probs)
    kept[order] = ordered.where(before < p, 0.0)
    return kept / kept.sum()


def check_sampling(temperature: float, top_k: int | None, top_p: float | None) -> None:
    """Raise ValueError, with the rule, for settings that no control can reach."""
    if not (math.isfinite(temperature) and temperature >= 0):
        raise ValueError(f"temperature is {temperature}: it must be a number of at least 0")
    if top_k is not None:
        check_whole_number("top_k", top_k)
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError(f"top_p is {top_p}: it must lie above 0 and at most at 1")


def usable_scores(logits: Tensor) -> Tensor:
    """The logits in double precision, so that no temperature overflows them. ValueError if none is left."""
    scores = logits.detach().double()
    best = float(scores.max()) if scores.ndim == 1 and len(scores) else math.nan  # NaN if there is one
    if math.isnan(best) or best == -math.inf:
        raise ValueError("logits must be one row of scores without NaN, at least one above minus infinity")
    if best == math.inf:  # infinitely good tokens share all the probability
        scores = torch.where(scores == math.inf, 0.0, -math.inf).double()
    return scores


def one_hot(index: Tensor, like: Tensor) -> Tensor:
    """All probability on one token: (V,)."""
    probs = torch.zeros_like(like)
    probs[index] = 1.0
    return probs


def generate(
    model: GPTModel,
    ids: Sequence[int] | Tensor,
    max_new_tokens: int,
    *,
    temperature: float = 0.0,
    top_k: int | None = None,
    top_p: float | None = None,
    generator: torch.Generator | None = None,
    use_cache: bool = True,
    tap: Tap = no_tap,
    decoder: Decoder | None = None,
) -> Iterator[int]:
    """Yield new token ids one by one, each chosen after reading all before it.

    The model reads at most its context length: older tokens drop out on the left. With the cache each step
    computes one row, by the decoder; past the context length every position moves, so the whole window is
    computed again. A decoder that was made before, with its weights in fewer digits, can be handed in.
    A tap sees the whole window at each step: what it changes at a position is that position of the text.
    Nothing is dropped out in writing: the model is set to `eval()`; `train` sets it back at its next step.
    Without a generator every text is another one, above temperature 0.
    """
    check_sampling(temperature, top_k, top_p)
    generator = generator or fresh_generator()
    ids = torch.as_tensor(ids, dtype=torch.long, device="cpu")
    if ids.ndim != 1 or not len(ids):
        raise ValueError("the model continues a text: give one row of at least one token id")
    ids = ids.tolist()
    longest = model.config.context_length
    model.eval()
    # Where tokens see the future, a new token changes all rows before it: nothing can be kept.
    keeps = use_cache and model.config.causal and tap is no_tap
    weight = model.tok_emb.weight
    cache = KVCache(model.config, device=weight.device, dtype=weight.dtype) if keeps else None
    by_row = keeps and (decoder is not None or suits(model))
    for _ in range(max_new_tokens):
        if len(ids) > longest:
            cache = None
        if by_row and cache and 0 < cache.length == len(ids) - 1:
            decoder = decoder or Decoder(model)
            logits = decoder(ids[-1], cache)  # (V,)
        else:
            logits = last_logits(model, ids[cache.length :] if cache else ids[-longest:], cache, tap)
        if temperature == 0:
            ids.append(best_token(logits))
        else:
            probs = next_token_probs(logits, temperature=temperature, top_k=top_k, top_p=top_p)
            ids.append(int(torch.multinomial(probs.to(generator.device), 1, generator=generator)))
        yield ids[-1]


def best_token(logits: Tensor) -> int:
    """The token with the highest score, the first of equals: what is drawn at temperature 0."""
    best, index = logits.max(0)
    return int(index) if math.isfinite(best) else int(usable_scores(logits).argmax())


@torch.inference_mode()
def last_logits(
    model: GPTModel, ids: Sequence[int], cache: KVCache | None = None, tap: Tap = no_tap
) -> Tensor:
    """The scores for the token after the last one; the output layer is computed for that row alone: (V,)."""
    ids = torch.as_tensor(ids, dtype=torch.long, device=model.device)
    vectors = model.final_vectors(ids[None], tap, cache)  # (1, T, C)
    return model.out_head(vectors[0, -1])
