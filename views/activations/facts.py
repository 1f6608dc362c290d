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


def near_zero(here: Here) -> float:
    """Share of the layer's numbers that are nearer to 0 than 0.2 after the bend, from 0 to 1."""
    return float((np.abs(hidden(here, "activated")) < 0.2).mean())


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
        "small": f"{near_zero(here):.0%}",
        "rest": f"{units.resting:,} {'is' if units.resting == 1 else 'are'}" if units.resting else None,
        "rest_slope": units.resting_slope if units.resting else None,
        "times": f"{units.units / here.config.emb_dim:.3g}",
        "swap_other": NAMES[function] if function != here.config.activation else None,
        "own": NAMES[here.config.activation],
        "swap": NAMES[function],
        "moved": f"{change.moved:.1%}",
    }
