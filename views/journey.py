"""The numbers in the stations of the road: one text on its way through one model."""

import numpy as np

from core.anatomy import tables_share
from core.gpt import parameter_count
from views import cache, next_token, normalising
from views.components.road import Stop
from views.cost import cost_of
from views.depth import stream_ends
from views.figures.base import visible
from views.here import Here
from views.phrases import phrase
from views.text import percent, shown
from views.vocabulary import piece_name


def stops(here: Here) -> list[Stop]:
    """Every station with the numbers of the current prompt and model."""
    text, tokens, config = here.prompt.text, len(here.prompt.pieces), here.config
    best, chance, score = expectation(here)
    ids = " ".join(str(piece.id) for piece in here.prompt.pieces[:4])
    start, end = stream_ends(here)
    return [
        Stop("text", "tokenizer", "Text", f"{len(text):,}", "characters", cut(text, 22)),
        Stop("tokens", "tokenizer", "Tokens", f"{tokens:,}", "pieces", ids + (" …" if tokens > 4 else "")),
        Stop(
            "embeddings",
            "embeddings",
            "Embeddings",
            f"{tokens}×{config.emb_dim}",
            "numbers",
            "a row for each token",
        ),
        Stop("attention", "attention", "Attention", str(config.n_heads), "heads a block", gaze(here)),
        Stop(
            "feedforward",
            "activations",
            "Feed-forward",
            negative_share(here),
            f"of units below 0 in block {here.layer}",
        ),
        Stop("norm", "layer_norm", "Layer norm", *spread(here)),
        Stop(
            "stream",
            "residuals",
            "Residual stream",
            growth(start, end),
            f"from size {start:.2g} to {end:.2g}",
        ),
        Stop("logits", "logits", "Logits", f"{config.vocab_size:,}", "scores", f"the best is {score:.1f}"),
        Stop("next", "sampling", "Next token", best, f"{percent(chance)} likely"),
        Stop("windows", "windows", "Windows", f"{max(0, tokens - 1):,}", "training examples"),
        *learned(here),
    ]


def learned(here: Here) -> list[Stop]:
    """What the training has come to, and what was trained."""
    loss = f"{cost_of(here).mean:.2f}" if len(here.prompt.ids) > 1 else "–"
    count, tables = f"{parameter_count(here.config):,}", percent(tables_share(here.config))
    return [
        Stop("training", "pretraining", "Training", loss, "nats a token on this text", here.model_name),
        Stop("anatomy", "anatomy", "Anatomy", count, "learned numbers", f"{tables} in tables of tokens"),
    ]


def expectation(here: Here) -> tuple[str, float, float]:
    """The likeliest next token, its probability and its logit."""
    if not here.prompt.ids:
        return "–", 0.0, 0.0
    probs = next_token.probabilities(here.look, here.prompt.ids)
    best, names = next_token.likeliest(here.tokenizer, probs, 1)
    return (
        cut(names[0], 12),
        float(probs[best[0]]),
        float(cache.next_logits(here.look, here.prompt.ids)[best[0]]),
    )


def sentence(here: Here) -> str:
    """What the model expects, in words."""
    best, chance, _ = expectation(here)
    if not here.prompt.ids:
        return phrase("home", "nothing")
    return phrase("home", "expects", best=best, chance=percent(chance))


def gaze(here: Here) -> str:
    """Where the chosen token looks in the chosen head."""
    if not here.prompt.ids:
        return f"layer {here.layer}, head {here.head}"
    weights = cache.look_inside(here.look, here.prompt.ids).head("weights", here.layer, here.head)[here.token]
    best = int(weights.argmax())
    pieces = here.prompt.pieces
    one, other = (cut(piece_name(pieces[place]), 10) for place in (here.token, best))
    return f"«{one}» looks {weights[best]:.0%} at «{other}»"


def negative_share(here: Here) -> str:
    """Share of the chosen layer's feed-forward units that are below zero before the activation."""
    if not here.prompt.ids:
        return "0 %"
    hidden = cache.look_inside(here.look, here.prompt.ids)[f"blocks.{here.layer}.ffn.hidden"]  # (T, U)
    return f"{100 * np.mean(hidden < 0):.0f} %"


def spread(here: Here) -> tuple[str, str]:
    """How far the chosen token's numbers lie apart before the norm at attention, and after it."""
    if here.config.norm == "none":
        return "none", "layers read the stream as it is"
    if not here.prompt.ids:
        return "–", "standard deviation"
    seen = normalising.inside(here)
    vector = normalising.entering(seen, here.config, here.layer, "norm1")[here.token]
    after = normalising.Settings().apply(vector)
    return f"{vector.std():.2g} → {after.std():.2g}", "standard deviation"


def growth(start: float, end: float) -> str:
    """How many times larger the stream has become."""
    return f"× {shown(round(end / start, 1))}" if start else "× 0"


def cut(text: str, most: int) -> str:
    """The start of a text, white space made visible."""
    return visible(text) if len(text) <= most else visible(text[: most - 1]) + "…"
