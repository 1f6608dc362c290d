"""Optimizer steps on the same batch, each side as its own makers do it: AdamW; nanoGPT clips gradients."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import torch
from torch import Tensor, nn

from bench.jobs import models
from core.config import GPTConfig
from core.gpt import build_model
from core.training import TrainConfig, next_token_loss, train
from runs.process import keep_freed_memory

Work = Callable[[], object]


def glassbox(config: GPTConfig, batch: tuple[Tensor, Tensor], steps: int) -> Work:
    """Our trainer, as a worker runs it."""
    keep_freed_memory()
    model = build_model(config)
    return lambda: list(train(model, [batch] * steps, TrainConfig(steps=steps)))


def plain(make: Callable[[GPTConfig], nn.Module], config: GPTConfig, batch: tuple, steps: int) -> Work:
    """The loop that a notebook would run around the book's model or Hugging Face's."""
    model = make(config).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=4e-4, weight_decay=0.1)

    def run() -> None:
        for _ in range(steps):
            optimizer.zero_grad()
            out = model(batch[0])
            loss = next_token_loss(getattr(out, "logits", out), batch[1])
            loss.backward()
            optimizer.step()
            loss.item()

    return run


def nanogpt(config: GPTConfig, batch: tuple[Tensor, Tensor], steps: int) -> Work:
    """The inside of nanoGPT's train.py on a CPU."""
    model = models.nanogpt_model(config).train()
    optimizer = model.configure_optimizers(0.1, 4e-4, (0.9, 0.99), "cpu")

    def run() -> None:
        for _ in range(steps):
            _, loss = model(*batch)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            loss.item()

    return run


def sides(config: GPTConfig, windows: int, steps: int) -> dict[str, Callable[[], Work]]:
    """All who train this model on `windows` windows, `steps` steps a turn."""
    ids = models.some_ids(config, windows, config.context_length + 1)
    batch = ids[:, :-1].contiguous(), ids[:, 1:].contiguous()
    return {
        "Glassbox": partial(glassbox, config, batch, steps),
        "Glassbox, exact GELU": partial(glassbox, models.exact_gelu(config), batch, steps),
        "nanoGPT": partial(nanogpt, config, batch, steps),
        "Hugging Face": partial(plain, models.hugging_face_model, config, batch, steps),
        "the book": partial(plain, models.book_model, config, batch, steps),
    }


MIDDLE = replace(models.STORYTELLER, context_length=128)
READY = {
    "train 4x4x128, T 64, B 12, V 65": lambda: sides(models.TINY_LETTERS, 12, 8),
    "train 6x6x192, T 128, B 16, V 96": lambda: sides(replace(MIDDLE, vocab_size=96), 16, 2),
    "train 6x6x192, T 128, B 16, V 2048": lambda: sides(MIDDLE, 16, 2),
    "train 124M, T 256, B 2": lambda: sides(replace(models.GPT2, context_length=256, qkv_bias=False), 2, 1),
}
UNITS = {name: ("tokens/s", tokens) for name, tokens in zip(READY, (8 * 768, 4096, 4096, 512), strict=True)}
