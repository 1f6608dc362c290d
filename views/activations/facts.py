"""What the Activations page knows of the chosen layer, and the numbers of its sentences."""

import numpy as np

from core.activations import UnitFacts
from views import cache
from views.activations.bends import Change
from views.figures.activations import NAMES
from views.here import Here


def hidden(here: Here, stage: str = "hidden") -> np.ndarray:
    """The layer's numbers before the bend, or `activated` after it: (T, U)."""
    return cache.look_inside(here.look, here.prompt.ids)[f"blocks.{here.layer}.ffn.{stage}"]


def unit_facts(here: Here) -> UnitFacts:
    """How many of the layer's neurons rest through the prompt, and what GELU still passes there."""
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
        "width": here.config.emb_dim,
        "resting": units.resting,
        "gelu_slope": units.resting_slope,
        "own": NAMES[here.config.activation],
        "swap": NAMES[function],
        "moved": f"{change.moved:.1%}",
    }
