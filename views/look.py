"""A look into a model: which one, what is changed in it, and what is then to be seen."""

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from core.attention import tempered
from core.config import GPTConfig
from core.gpt import GPTModel, with_switches
from core.interventions import Edit, intervene, stream_of
from core.sampling import generate, last_logits
from core.trace import Tap, Trace, chain
from views.seen import Seen

Ids = tuple[int, ...]
STAGES = ("scores", "scaled", "masked", "weights", "context", "queries", "keys", "values")
LARGE = (".scores", ".scaled", ".masked")  # kept for one layer alone, when it is looked at


@dataclass(frozen=True)
class Look:
    """Which model is looked into, and what is changed in it: the key of everything computed from it."""

    model: str
    step: int | None = None
    causal: bool = True
    scale_scores: bool = True
    life: int = 0  # how often the run was reset: the same step is another model then
    edits: tuple[Edit, ...] = ()
    other: Ids = ()  # the text that patches take their values from
    temperature: float = 1.0  # attention scores are divided by it before softmax


@dataclass(frozen=True)
class Sampling:
    """How the next token is drawn."""

    temperature: float = 1.0
    top_k: int | None = None
    top_p: float | None = None
    seed: int = 123


AS_TRAINED = Sampling()


def switched(model: GPTModel, look: Look) -> GPTModel:
    """The model with the look's switches; one that was trained without mask or scaling keeps to that."""
    causal = look.causal and model.config.causal
    scaled = look.scale_scores and model.config.scale_scores
    config = replace(model.config, causal=causal, scale_scores=scaled)
    return model if config == model.config else with_switches(model, config)


def traced(model: GPTModel, look: Look, ids: Ids, layer: int | None = None) -> Seen:
    """One forward pass with the look's edits: one layer's stages, or all layers without the largest."""
    names = None if layer is None else frozenset(f"blocks.{layer}.attn.{stage}" for stage in STAGES)
    trace = Trace(names)

    def but_the_largest(name: str, x: Tensor) -> Tensor:
        return x if layer is None and name.endswith(LARGE) else trace(name, x)

    with torch.inference_mode():
        model.final_vectors(torch.tensor([ids]), chain(tap_of(model, look), but_the_largest))
    return Seen(trace)


def look_bytes(config: GPTConfig, tokens: int) -> int:
    """What a look at all layers keeps: 19 widths a token and block, the attention maps, and the two ends."""
    widths = 19 * config.n_layers + 4
    return 4 * (tokens * widths * config.emb_dim + config.n_layers * config.n_heads * tokens**2)


def most_tokens(config: GPTConfig, room: int) -> int:
    """The longest text of which a look takes at most `room` bytes, within the context of the model."""
    shortest, longest = 1, config.context_length
    while shortest < longest:
        middle = (shortest + longest + 1) // 2
        if look_bytes(config, middle) <= room:
            shortest = middle
        else:
            longest = middle - 1
    return shortest


def tap_of(model: GPTModel, look: Look) -> Tap:
    """The tap that makes the look's edits, at its softmax temperature; no_tap if it changes nothing."""
    other = stream_of(model, torch.tensor(look.other)) if look.other else None
    return chain(tempered(look.temperature), intervene(model, look.edits, other))


def logits_after(model: GPTModel, look: Look, ids: Ids) -> Tensor:
    """Scores of all tokens for the place after the ids: (V,)."""
    return last_logits(model, ids, tap=tap_of(model, look))


def embedded(model: GPTModel, ids: Ids) -> Seen:
    """What enters the first block: the rows of tokens and positions, and their sums."""
    trace = Trace()
    with torch.inference_mode():
        model.embed(torch.tensor([ids]), trace)
    return Seen(trace)


def written(model: GPTModel, look: Look, ids: Ids, count: int, settings: Sampling) -> Ids:
    """The next `count` tokens: the same for the same seed and settings."""
    return tuple(
        generate(
            model,
            ids,
            count,
            temperature=settings.temperature,
            top_k=settings.top_k,
            top_p=settings.top_p,
            generator=torch.Generator().manual_seed(settings.seed),
            tap=tap_of(model, look),
        )
    )
