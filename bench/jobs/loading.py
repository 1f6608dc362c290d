"""GPT-2 small from a file to a model that is ready: random weights, for the size is what matters."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

from bench.jobs import models
from core.gpt import build_model
from core.weights import load_model, save_model

Work = Callable[[], object]


def folder() -> Path:
    """Where the files for this measurement lie (`bench/__main__.py` makes and removes it)."""
    return Path(os.environ["GLASSBOX_BENCH_FILES"])


def glassbox() -> Work:
    """Our own format: mapped to memory, assigned, nothing drawn at random."""
    path = folder() / "ours.safetensors"
    if not path.exists():
        save_model(build_model(models.GPT2), path)
    return lambda: load_model(path)


def hugging_face() -> Work:
    """`from_pretrained` of a local folder."""
    from transformers import GPT2LMHeadModel

    path = folder() / "theirs"
    if not path.exists():
        models.hugging_face_model(models.GPT2).save_pretrained(path)
    return lambda: GPT2LMHeadModel.from_pretrained(path)


READY = {"load 124M": lambda: {"Glassbox": partial(glassbox), "Hugging Face": partial(hugging_face)}}
UNITS = {"load 124M": ("s", None)}
