"""What the Layer norm page draws: a vector before and after, every norm of a model, and norms left out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from core.config import NORMS, GPTConfig
from core.layers import LayerNorm, layer_norm, mean_and_variance
from core.normalisation import MOST_TOKENS, UntrainedStack, stream_by_depth, without_norms
from core.sampling import last_logits, next_token_probs
from core.trace import chain
from views import cache, next_token
from views.activations.bends import Change
from views.here import Here
from views.look import tap_of
from views.seen import Seen
from views.text import shown

SOURCES = ("the token's", "by hand")
PLACES = {"norm1": "attention", "norm2": "feed-forward", "final_norm": "last"}
DIVISORS = ("C", "C − 1")
TIMES = (0.001, 0.01, 0.1, 0.5, 1.0, 2.0, 10.0, 100.0)
EPS = (0.0, 1e-8, 1e-5, 1e-3, 0.1, 1.0)
VOLUMES = (0.1, 1.0, 10.0, 100.0)
GAINS = (0.5, 1.0, 4.0, 8.0, 12.0)
BOOK = (0.2260, 0.3470, 0.0, 0.2216, 0.0, 0.0)  # book 4.2: what a small layer gave for its first example
LARGEST = 1e6  # of a number by hand
MOST_ROWS = 12  # norms in one picture


@dataclass(frozen=True)
class Settings:
    """How to normalise: scale and shift are one number each, or the model's own vectors (C,)."""

    eps: float = 1e-5
    unbiased: bool = False
    scale: float | np.ndarray = 1.0
    shift: float | np.ndarray = 0.0

    def apply(self, x: np.ndarray) -> np.ndarray:
        """Normalise each vector: (..., C) -> (..., C)."""
        width = x.shape[-1]
        scale, shift = (
            torch.tensor(one, dtype=torch.float32).expand(width) for one in (self.scale, self.shift)
        )
        x = torch.tensor(x, dtype=torch.float32)
        return layer_norm(x, scale, shift, self.eps, unbiased=self.unbiased and width > 1).numpy()


@dataclass(frozen=True)
class Normed:
    """A vector as it was, changed by hand, and both normalised: (C,) each."""

    own: np.ndarray
    before: np.ndarray
    own_after: np.ndarray
    after: np.ndarray

    @property
    def whole(self) -> bool:
        """Whether all of it are numbers: 0 / 0 is none."""
        return bool(np.isfinite(self.after).all() and np.isfinite(self.own_after).all())

    @property
    def moved(self) -> float:
        """How far the output moved, at most, when its input was multiplied and moved."""
        return float(np.abs(self.after - self.own_after).max())


def normed(vector: np.ndarray, settings: Settings, times: float, plus: float) -> Normed:
    """Multiply a vector, add to each number, and normalise."""
    changed = (times * vector + plus).astype(np.float32)
    return Normed(vector, changed, settings.apply(vector), settings.apply(changed))


def spread(vector: np.ndarray, unbiased: bool = False) -> tuple[float, float]:
    """Mean and variance of one vector."""
    numbers = torch.tensor(vector, dtype=torch.float32)
    mean, variance = mean_and_variance(numbers, unbiased=unbiased and len(numbers) > 1)
    return mean.item(), variance.item()


def sentence(one: Normed, settings: Settings, times: float, plus: float) -> str:
    """The picture in words."""
    mean, variance = spread(one.before, settings.unbiased)
    told = f"Before: mean {shown(mean)}, variance {shown(variance)}. "
    if not one.whole:
        return f"{told}All numbers are equal and eps is 0: 0 / 0 is no number. That is what eps is for."
    mean, variance = spread(one.after, settings.unbiased)
    told += f"After: mean {mean + 0:.3f}, variance {variance:.3f}. ".replace("-0.000", "0.000")
    if times == 1 and plus == 0:
        return told + "Multiply the input, and watch the output."
    return told + f"Input × {times:g} + {plus:g}: the output moves by at most {shown(one.moved)}."


def inside(here: Here) -> Seen:
    """What happens in the model with the prompt."""
    return cache.look_inside(here.look, here.prompt.ids)


def entering(seen: Seen, config: GPTConfig, layer: int, place: str) -> np.ndarray:
    """What a norm reads, (T, C); where the model has none, what the layer there reads."""
    if place == "final_norm":
        return seen[f"blocks.{config.n_layers - 1}.resid_out"]
    block = f"blocks.{layer}"
    if config.norm != "post":
        return seen[f"{block}.resid_in" if place == "norm1" else f"{block}.resid_mid"]
    if place == "norm1":
        return seen[f"{block}.resid_mid"]
    return config.residual * seen[f"{block}.norm1"] + seen[f"{block}.ffn.out"]


def own_settings(here: Here, layer: int, place: str, settings: Settings) -> Settings | None:
    """The same with the scale and shift that the model learned there; None if it has no norm there."""
    model = cache.model_of(here.look)
    norm = model.final_norm if place == "final_norm" else getattr(model.trf_blocks[layer], place)
    if not isinstance(norm, LayerNorm):
        return None
    scale, shift = (one.detach().numpy() for one in (norm.scale, norm.shift))
    return Settings(settings.eps, settings.unbiased, scale, shift)


@dataclass(frozen=True)
class Sites:
    """Every norm of a model on the way of the prompt: its name, input and output (T, C)."""

    names: list[str]
    before: list[np.ndarray]
    after: list[np.ndarray]

    def sizes(self) -> tuple[np.ndarray, np.ndarray]:
        """Root mean square of each norm's input and output: (N,) each."""
        one, other = (
            [float(np.sqrt((x.astype(float) ** 2).mean())) for x in side]
            for side in (self.before, self.after)
        )
        return np.array(one), np.array(other)


def all_sites(here: Here, settings: Settings, learned: bool) -> Sites:
    """All norms in the order of the road, evenly chosen if there are many."""
    config, seen = here.config, inside(here)
    places = [(layer, place) for layer in range(config.n_layers) for place in ("norm1", "norm2")]
    places += [(config.n_layers - 1, "final_norm")] if config.norm == "pre" else []
    kept = places[:: -(-len(places) // MOST_ROWS)]
    before = [entering(seen, config, *place) for place in kept]
    own = [own_settings(here, *place, settings) if learned else None for place in kept]
    after = [(one or settings).apply(x) for one, x in zip(own, before, strict=True)]
    names = ["last" if place == "final_norm" else f"{layer} {PLACES[place]}" for layer, place in kept]
    return Sites(names, before, after)


def three_sizes(ids: Sequence[int], stack: UntrainedStack) -> dict[str, list[float]]:
    """The stream's size by depth with norms before the layers, after them, and nowhere."""
    ids = tuple(ids[:MOST_TOKENS])
    return {
        norm: cache.once(("stream", norm, ids, stack), lambda n=norm: stream_by_depth(n, ids, stack))
        for norm in NORMS
    }


def laid_bare(here: Here) -> Change | None:
    """Next-token probabilities with the norms and without them; None if they leave the numbers."""

    def measure() -> torch.Tensor:
        model = cache.model_of(here.look)
        return last_logits(model, here.prompt.ids, tap=chain(tap_of(model, here.look), without_norms()))

    logits = cache.once(("without norms", here.look, here.prompt.ids), measure)
    if not logits.isfinite().all():
        return None
    before, after = next_token.probabilities(here.look, here.prompt.ids), next_token_probs(logits).numpy()
    best, names = next_token.likeliest(here.tokenizer, np.maximum(before, after), 8)
    return Change(names, before[best], after[best], float(np.abs(before - after).sum() / 2))
