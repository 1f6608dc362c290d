"""One forward pass that brings all attention maps back, and the same without anybody looking."""

from collections.abc import Callable
from functools import partial

import torch

from bench.jobs import models
from core.config import GPTConfig
from core.gpt import build_model
from core.sampling import last_logits
from core.trace import Trace, no_tap

Work = Callable[[], object]
LENGTHS = (16, 64, 256)


def glassbox(config: GPTConfig, length: int, turns: int, *, looks: bool, last: bool) -> Work:
    """Ours: the tap keeps the maps; for the next token alone the output layer computes one row."""
    model, ids = build_model(config), models.some_ids(config, 1, length)
    names = frozenset(f"blocks.{layer}.attn.weights" for layer in range(config.n_layers))

    def run() -> None:
        with torch.inference_mode():
            for _ in range(turns):
                tap = Trace(keep=names) if looks else no_tap
                last_logits(model, ids[0], tap=tap) if last else model(ids, tap)
                if looks:
                    tap.attention()

    return run


def without_tap(config: GPTConfig, length: int, turns: int) -> Work:
    """The same weights in a block that never heard of taps: what the argument costs when nobody looks."""
    from bench.jobs.tapless import tapless

    model, ids = tapless(build_model(config)), models.some_ids(config, 1, length)

    def run() -> None:
        with torch.inference_mode():
            for _ in range(turns):
                model(ids)

    return run


def hugging_face(config: GPTConfig, length: int, turns: int, *, last: bool) -> Work:
    """What BertViz asks for; with `last`, spared the other rows of the output layer, which BertViz is not."""
    model, ids = models.hugging_face_model(config, eager=True), models.some_ids(config, 1, length)
    options = {"output_attentions": True, "use_cache": False} | ({"logits_to_keep": 1} if last else {})

    def run() -> None:
        with torch.inference_mode():
            for _ in range(turns):
                model(ids, **options)

    return run


def lens(config: GPTConfig, length: int, turns: int) -> Work:
    """TransformerLens keeps what it is asked to keep: the patterns."""
    model, ids = models.lens_model(config), models.some_ids(config, 1, length)

    def run() -> None:
        with torch.inference_mode():
            for _ in range(turns):
                model.run_with_cache(ids, names_filter=lambda name: name.endswith("hook_pattern"))

    return run


def sides(config: GPTConfig, length: int, turns: int, last: bool) -> dict[str, Callable[[], Work]]:
    """All who show their maps for this many tokens."""
    ours = partial(glassbox, config, length, turns)
    return {
        "Glassbox": partial(ours, looks=True, last=last),
        "Hugging Face": partial(hugging_face, config, length, turns, last=False),
        "TransformerLens": partial(lens, config, length, turns),
    } | ({"Hugging Face, last row": partial(hugging_face, config, length, turns, last=True)} if last else {})


def quiet(length: int) -> dict[str, Callable[[], Work]]:
    """The tap at rest beside a model without one."""
    config, turns = models.STORYTELLER, 6400 // length // 4
    return {
        "Glassbox": partial(glassbox, config, length, turns, looks=False, last=False),
        "without a tap": partial(without_tap, config, length, turns),
    }


READY = {
    f"all maps 6x6x192, T {length}": partial(
        sides, models.STORYTELLER, length, max(8, 3200 // length // 4), False
    )
    for length in LENGTHS
} | {
    f"all maps 124M, next token, T {length}": partial(sides, models.GPT2, length, 2, True)
    for length in LENGTHS
}
READY["tap at rest 6x6x192, T 64"] = partial(quiet, 64)
UNITS = {name: ("forward passes/s", max(8, 3200 // int(name.split()[-1]) // 4)) for name in READY}
UNITS |= {name: ("forward passes/s", 2) for name in READY if "124M" in name}
UNITS["tap at rest 6x6x192, T 64"] = ("forward passes/s", 25)
