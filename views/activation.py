"""What the Activations page draws: values at x, a layer's hidden numbers, and an exchanged function."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.activations import UnitFacts, value_and_slope
from core.layers import ACTIVATION_FUNCTIONS
from core.sampling import next_token_probs
from views import cache, next_token
from views.figures.activations import NAMES
from views.here import Here
from views.vocabulary import piece_name

WHOSE = ("all tokens", "this token")
STAGES = {"before": "hidden", "after": "activated"}
MOST_TOKENS = 128  # in one heatmap


def read_out(names: Sequence[str], x: float) -> str:
    """Value and slope of each function at x, in one line."""
    found = {NAMES[name]: value_and_slope(ACTIVATION_FUNCTIONS[name], x) for name in names}
    told = [f"{name}({x:g}) = **{y:.4f}**, slope **{rise:.4f}**" for name, (y, rise) in found.items()]
    return " &emsp; ".join(told) or "Choose a function."


def hidden(here: Here, stage: str = "hidden") -> np.ndarray:
    """The layer's numbers before the function, or `activated` after it: (T, 4C)."""
    return cache.look_inside(here.look, here.prompt.ids)[f"blocks.{here.layer}.ffn.{stage}"]


@dataclass(frozen=True)
class Grid:
    """The liveliest units of a layer over the prompt's last tokens: values (U, T)."""

    values: np.ndarray
    units: list[int]
    tokens: list[str]
    first: int  # place of the first token shown
    caption: str


def unit_grid(here: Here, stage: str) -> Grid:
    """Before or after the function, for the same units."""
    _, units = cache.units(here.look, here.prompt.ids, here.layer)
    pieces = here.prompt.pieces[-MOST_TOKENS:]
    values = hidden(here, STAGES[stage])[-MOST_TOKENS:, units].T
    tokens = [piece_name(piece) for piece in pieces]
    caption = f"The {len(units)} units of layer {here.layer} that differ most from token to token."
    if len(pieces) < len(here.prompt.pieces):
        caption += f" The last {MOST_TOKENS} tokens are shown."
    return Grid(values, units.tolist(), tokens, len(here.prompt.pieces) - len(pieces), caption)


@dataclass(frozen=True)
class Change:
    """Next-token probabilities with the model's own function and with another: (K,) each."""

    names: list[str]
    before: np.ndarray
    after: np.ndarray
    moved: float  # share of all probability, from 0 to 1


def exchanged(here: Here, function: str) -> Change:
    """The same prompt and weights with another function in every layer."""
    before = next_token.probabilities(here.look, here.prompt.ids)
    after = next_token_probs(cache.logits_with_activation(here.look, here.prompt.ids, function)).numpy()
    best, names = next_token.likeliest(here.tokenizer, np.maximum(before, after), 8)
    return Change(names, before[best], after[best], float(np.abs(before - after).sum() / 2))


def unit_facts(here: Here) -> UnitFacts:
    """How many of the layer's units rest, and what GELU still passes there."""
    return cache.units(here.look, here.prompt.ids, here.layer)[0]


def numbers(here: Here, change: Change, function: str) -> dict[str, object]:
    """What the lesson's sentences are filled with."""
    (x, y), gap = cache.gelu_facts()
    units = unit_facts(here)
    return {
        "lowest_x": f"{x:.5f}",
        "lowest_y": f"{y:.5f}",
        "gap": gap,
        "layer": here.layer,
        "below": f"{units.below:.0%}",
        "units": units.units,
        "resting": units.resting,
        "gelu_slope": units.resting_slope,
        "own": NAMES[here.config.activation],
        "swap": NAMES[function],
        "moved": f"{change.moved:.1%}",
    }
