"""New tokens after a short prompt, the best each time, with each side's own cache."""

from collections.abc import Callable
from functools import partial

import torch

from bench.jobs import models
from core.config import GPTConfig
from core.decoding import Decoder
from core.gpt import build_model
from core.sampling import generate

Work = Callable[[], object]
PROMPT = 8  # tokens


def glassbox(config: GPTConfig, count: int, weights: str) -> Work:
    """Ours; weights in fewer digits are made once, as the app does."""
    model, ids = build_model(config), models.some_ids(config, PROMPT)
    decoder = None if weights == "float32" else Decoder(model, weights)
    return lambda: list(generate(model, ids, count, decoder=decoder))


def hugging_face(config: GPTConfig, count: int) -> Work:
    """`generate`, greedy, with its cache."""
    model, ids = models.hugging_face_model(config), models.some_ids(config, 1, PROMPT)
    options = {"max_new_tokens": count, "do_sample": False, "pad_token_id": 0}
    return lambda: model.generate(ids, attention_mask=torch.ones_like(ids), **options)


def nanogpt(config: GPTConfig, count: int) -> Work:
    """nanoGPT has no cache: each token reads the whole text again."""
    model, ids = models.nanogpt_model(config).eval(), models.some_ids(config, 1, PROMPT)
    return lambda: model.generate(ids, count, top_k=1)


def sides(config: GPTConfig, count: int) -> dict[str, Callable[[], Work]]:
    """All who write `count` tokens."""
    return {
        "Glassbox": partial(glassbox, config, count, "float32"),
        "Glassbox, float16": partial(glassbox, config, count, "float16"),
        "Glassbox, bfloat16": partial(glassbox, config, count, "bfloat16"),
        "Glassbox, int8": partial(glassbox, config, count, "int8"),
        "Hugging Face": partial(hugging_face, config, count),
        "nanoGPT": partial(nanogpt, config, count),
    }


READY = {
    "write 100 tokens 6x6x192": partial(sides, models.STORYTELLER, 100),
    "write 30 tokens 124M": partial(sides, models.GPT2, 30),
}
UNITS = {"write 100 tokens 6x6x192": ("tokens/s", 100), "write 30 tokens 124M": ("tokens/s", 30)}
