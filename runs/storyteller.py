"""The model that ships, the Storyteller: its weights from the first step to the last, and how it learned."""

import json
from functools import cache
from pathlib import Path

from core.gpt import GPTModel, build_model
from core.int8 import load_int8
from core.tokenizer import ASSETS, Tokenizer
from core.tokenizer_facts import tokenizer_from
from core.weights import load_model
from runs.events import EvalEvent
from runs.settings import settings

BUNDLED = "storyteller"


def models_folder() -> Path:
    """Where it lies."""
    return settings().models or ASSETS / "models"


@cache
def early_files() -> dict[int, Path]:
    """Its early checkpoints by step, each weight kept in 8 bits."""
    files = models_folder().glob(f"{BUNDLED}.step*.safetensors")
    return dict(sorted((int(path.name.split(".step")[1].split(".")[0]), path) for path in files))


@cache
def steps() -> tuple[int, ...]:
    """The moments of its life that can be shown. Step 0 needs no file: it is made from the seed."""
    last = facts("curve")[-1]["step"]
    return (0, *early_files(), last)


def open_step(step: int | None) -> GPTModel:
    """The model after `step` updates; without a step the trained one. ValueError for one that is not kept."""
    if step is not None and step not in steps():
        raise ValueError(f"the Storyteller was not kept at step {step}: there are {steps()}")
    if step in early_files():
        return load_int8(early_files()[step])
    model = load_model(models_folder() / f"{BUNDLED}.safetensors")
    return build_model(model.config, facts("recipe")["recipe"]["seed"]) if step == 0 else model


def tokenizer() -> Tokenizer:
    """The byte-pair vocabulary that it was trained with."""
    return tokenizer_from(facts("tokenizer"))


def evaluations() -> list[EvalEvent]:
    """How it learned: the evaluations that `make model` wrote down while it trained."""
    return [EvalEvent(**row) for row in facts("curve")]


def pairs_loss() -> float:
    """What its held-out text costs a model that only counts pairs of tokens, in nats a token."""
    return facts("card")["pairs"]["held_out_loss"]


def facts(name: str) -> dict | list:
    """One of the files that were written beside it."""
    return json.loads((models_folder() / f"{BUNDLED}.{name}.json").read_text(encoding="utf-8"))
