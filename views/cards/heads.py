"""Questions about heads: is a split the same, why a transpose, and is every head needed."""

import numpy as np
import torch

from core.head_split import cut, cut_without_transpose, forget_transpose, in_one, one_by_one, slice_by_slice
from core.knockouts import knockout_work
from core.losses import token_losses
from core.trace import chain
from views import cache, next_token
from views.cards.card import Card, Outcome, need
from views.figures.pairs import paired_bars, paired_lines
from views.here import Here
from views.look import tap_of
from views.picture import palette
from views.text import percent

ROUNDING = 1e-4  # of numbers near 1 in single precision: what is nearer was computed to be the same
FELT = 0.05  # of a probability: a head without which so much moves is missed
HARDLY = 0.01  # less than that nobody would see in the bars
TWICE = 2.0  # times what moves without the head in the middle
MOST_WORK = 3e11  # arithmetic operations: as much as the page itself allows


def split(here: Here) -> Outcome:
    """One head's query of the chosen token: cut from a wide product, by its own matrix, from a slice."""
    need(here, 1, "so that there is a vector to project")
    model, heads = cache.source(here.look)[0], here.config.n_heads
    if heads < 2:
        raise ValueError("This model has one head, so nothing is split: choose another one on the left.")
    weight = model.trf_blocks[here.layer].att.W_query.weight.detach()
    name = "resid_in" if here.config.norm == "post" else "norm1"
    x = torch.tensor(cache.look_inside(here.look, here.prompt.ids)[f"blocks.{here.layer}.{name}"])
    wide = in_one(x, weight, heads)
    own, slices = (torch.stack(way(x, weight, heads)) for way in (one_by_one, slice_by_slice))
    size = float(wide.abs().max())
    apart, sliced = (float((wide - one).abs().max()) for one in (own, slices))
    at = (here.head, here.token)
    return Outcome(
        held=0 if apart <= ROUNDING * max(1.0, size) < sliced else 1,
        figure=paired_lines(
            np.arange(here.config.head_dim),
            [wide[at].numpy(), own[at].numpy(), slices[at].numpy()],
            ["one wide matrix, then cut", "a matrix for each head", "a head reads its slice only"],
            palette(),
            x=f"number of the query of head {here.head}",
            y="value",
        ),
        seen=f"A split and separate matrices differ by {apart:.1e} at most, slices by {sliced:.2g}",
        numbers={
            "apart": apart,
            "sliced": sliced,
            "size": size,
            "heads": heads,
            "width": here.config.emb_dim,
            "head_dim": here.config.head_dim,
            "count": here.config.emb_dim**2,
        },
    )


def transposed(here: Here) -> Outcome:
    """Which tokens stand in the rows of the chosen head, if the width is cut with and without a transpose."""
    need(here, 2, "so that there are tokens to mix up")
    heads, tokens = here.config.n_heads, len(here.prompt.ids)
    if heads < 2:
        raise ValueError("This model has one head, so nothing is cut: choose another one on the left.")
    whose = torch.arange(tokens)[:, None].expand(tokens, here.config.emb_dim)  # each number: its token
    rows = [
        way(whose, heads)[here.head].double().mean(dim=-1).numpy() for way in (cut, cut_without_transpose)
    ]
    right, wrong = losses_with_both(here)
    return Outcome(
        held=0 if np.array_equal(*rows) else 1,
        figure=paired_lines(
            np.arange(tokens),
            rows,
            ["view, then transpose", "view alone"],
            palette(),
            x=f"row of head {here.head}",
            y="token that its numbers come from",
        ),
        seen=f"With view alone the rows of head {here.head} come from tokens {rows[1].min():.0f} to "
        f"{rows[1].max():.0f}, with the transpose row by row",
        numbers={
            "heads": heads,
            "head": here.head,
            "first": float(rows[1][0]),
            "last": float(rows[1][-1]),
            "tokens": tokens,
            "right": right,
            "wrong": wrong,
        },
    )


def losses_with_both(here: Here) -> tuple[float, float]:
    """What a token of the prompt costs the model, and the same model with the transpose forgotten."""
    model, ids = cache.model_of(here.look), torch.tensor(here.prompt.ids)
    tap = tap_of(model, here.look)
    return tuple(float(token_losses(model, ids, way).mean()) for way in (tap, chain(tap, forget_transpose)))


def missed(here: Here) -> Outcome:
    """How much of the favourite's probability goes with each single head."""
    need(here, 2, "so that heads have something to look at")
    model, ids = cache.source(here.look)[0], here.prompt.ids
    if knockout_work(model, len(ids)) > MOST_WORK:
        raise ValueError("Leaving out each head takes too long here: shorten the prompt.")
    probs = next_token.probabilities(here.untouched, ids)
    token = int(probs.argmax())
    change = cache.head_knockouts(here.untouched, ids, token, "zero") - probs[token]  # (L, H)
    size = np.abs(change)
    layer, head = np.unravel_index(size.argmax(), size.shape)
    middle, quiet = float(np.median(size)), int((size < HARDLY).sum())
    return Outcome(
        held=2 if size.max() < FELT else 1 if size.max() > TWICE * middle else 0,
        figure=paired_bars(
            [f"layer {one}" for one in range(len(size))],
            [100 * size.max(axis=1), 100 * np.median(size, axis=1)],
            ["the head that is missed most", "the head in the middle"],
            palette(),
            x="probability that moves without it (percentage points)",
        ),
        seen=f"Without head {layer}.{head} {100 * size.max():.1f} points move, without the head in "
        f"the middle {100 * middle:.1f}",
        numbers={
            "most": f"{layer}.{head}",
            "before": percent(float(probs[token])),
            "without": percent(max(0.0, float(probs[token] + change[layer, head]))),
            "quiet": quiet,
            "middle": f"{100 * middle:.1f}",
            "points": f"{100 * size.max():.1f}",
            "heads": size.size,
            "word": next_token.likeliest(here.tokenizer, probs, 1)[1][0],
        },
    )


SPLIT = Card("split", 5, 0, split)
TRANSPOSE = Card("transpose", 6, 1, transposed)
MISSED = Card("missed", 5, 1, missed)
