"""Layer norm's questions: what it is for, which variance, before or after."""

from dataclasses import replace

import numpy as np
import torch

from core.gpt import build_model
from core.gradients import DeepNetwork, block_gradients, gpt_config
from core.layers import layer_norm
from core.normalisation import MOST_TOKENS, UntrainedStack, stream_by_depth, with_unbiased_norms
from core.sampling import next_token_probs
from views import cache, next_token
from views.cards.card import Card, Outcome, need
from views.figures.pairs import paired_bars, paired_lines
from views.here import Here
from views.look import logits_after
from views.picture import palette
from views.text import percent
from views.vocabulary import token_texts

LOUDER = 100.0
STILL = 0.05  # of the output's own size: what eps alone may move
FELT = 0.02  # a share of 1: less is nothing to be seen
DEPTH, GAIN = 12, 12.0  # as the page begins: weights as large as those of trained blocks
GROWN = 1.5  # times its size: more than chance makes of a stream


def loud(here: Here) -> Outcome:
    """The vector that enters the chosen block, and the same a hundred times as large, normalised."""
    need(here, 1, "so that there is a vector")
    seen = cache.look_inside(here.look, here.prompt.ids)
    x = torch.tensor(seen[f"blocks.{here.layer}.resid_in"][here.token])
    one, zero = torch.ones(len(x)), torch.zeros(len(x))
    outs = [layer_norm(times * x, one, zero) for times in (1.0, LOUDER)]
    grown = size(outs[1]) / max(size(outs[0]), 1e-12)
    gap = float((outs[1] - outs[0]).abs().max())
    return Outcome(
        held=0 if grown > LOUDER / 2 else 1 if abs(grown - 1) < STILL else 2,
        figure=paired_lines(
            np.arange(min(len(x), 48)),
            [out.numpy()[:48] for out in outs],
            ["as it is", f"{LOUDER:.0f} times louder"],
            palette(),
            x="dimension of the vector (the first 48)",
            y="after the norm",
        ),
        seen=f"The louder vector leaves the norm {grown:.4f} times as large",
        numbers={
            "grown": f"{grown:.4f}",
            "gap": gap,
            "quiet": size(x),
            "noisy": LOUDER * size(x),
            "out": size(outs[1]),
            "layer": here.layer,
        },
    )


def size(x: torch.Tensor) -> float:
    """Root mean square."""
    return float(x.double().square().mean().sqrt())


def biased(here: Here) -> Outcome:
    """The next token with the variance divided by C, as trained, and by C - 1."""
    need(here, 1, "so that there is a next token")
    model = cache.model_of(here.look)
    if here.config.norm == "none":
        raise ValueError("This model was trained without norms: choose another one on the left.")
    if here.config.emb_dim < 2:
        raise ValueError("A vector of one number has no variance: choose another model on the left.")
    own = next_token.probabilities(here.look, here.prompt.ids)
    other = next_token_probs(logits_after(with_unbiased_norms(model), here.look, here.prompt.ids)).numpy()
    moved = float(np.abs(own - other).sum() / 2)
    best = next_token.likeliest(here.tokenizer, own, 6)[0]
    width = here.config.emb_dim
    return Outcome(
        held=1 if moved < FELT else 0,
        figure=paired_bars(
            token_texts(here.tokenizer, best.tolist()),
            [100 * own[best], 100 * other[best]],
            ["divided by C", "divided by C − 1"],
            palette(),
            x="probability of being next (%)",
            tokens=True,
        ),
        seen=f"Another variance moves {percent(moved)} of the next token's probability",
        numbers={
            "moved": percent(moved),
            "width": width,
            "factor": f"{(width / (width - 1)) ** 0.5 - 1:.2%}",
            "small": f"{(6 / 5) ** 0.5 - 1:.0%}",
        },
    )


def before_or_after(here: Here) -> Outcome:
    """The size of the stream by depth in two untrained GPTs: norms before their layers, and after them."""
    need(here, 2, "so that there is a token to foretell")
    ids = here.prompt.ids[:MOST_TOKENS]
    pre, post = (streams(norm, ids) for norm in ("pre", "post"))
    grows, still = pre[-1] > GROWN * pre[1], abs(post[-1] / post[1] - 1) < STILL
    return Outcome(
        held=(1 if still else 2) if grows else 0,
        figure=paired_lines(
            np.arange(1, len(pre)),
            [pre[1:], post[1:]],
            ["norm before each layer", "norm after it"],
            palette(),
            x="block",
            y="size of the stream (RMS)",
        ),
        seen=f"Before: from {pre[1]:.2f} to {pre[-1]:.2f}. After: from {post[1]:.2f} to {post[-1]:.2f}",
        numbers={
            "pre_first": float(pre[1]),
            "pre_last": float(pre[-1]),
            "post_last": float(post[-1]),
            "blocks": DEPTH,
            "pre_share": share_of_gradient("pre", ids, here.config.vocab_size),
            "post_share": share_of_gradient("post", ids, here.config.vocab_size),
        },
    )


def streams(norm: str, ids: tuple[int, ...]) -> np.ndarray:
    """Size of the stream as it enters and after each block."""
    stack = UntrainedStack(depth=DEPTH, gain=GAIN)
    return np.array(cache.once(("card streams", norm, ids), lambda: stream_by_depth(norm, ids, stack)))


def share_of_gradient(norm: str, ids: tuple[int, ...], vocab_size: int) -> float:
    """The first block's gradient over the last one's in an untrained GPT with the usual starting weights."""
    deep = DeepNetwork(depth=DEPTH, ids=ids, vocab_size=vocab_size)
    model = build_model(replace(gpt_config(deep), norm=norm))
    first, *_, last = block_gradients(model, torch.tensor([ids]))
    return first / last


CARDS = (
    Card("loud", 9, 1, loud),
    Card("biased", 9, 1, biased),
    Card("before_or_after", 10, 1, before_or_after),
)
