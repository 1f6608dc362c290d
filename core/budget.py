"""Refuse what this server cannot hold or finish, by arithmetic, before a single tensor exists."""

import os

from core.config import GPTConfig
from core.gpt import matrix_weights, parameter_count
from core.training import TrainConfig

BYTES = 4  # a number in single precision
MODEL_BYTES = int(os.environ.get("GLASSBOX_MODEL_BYTES", str(8 * 2**30)))  # one model to look into
MEMORY = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")  # of this machine
SHARED_BYTES = int(
    os.environ.get("GLASSBOX_MODEL_BYTES", str(min(4 * 2**30, MEMORY // 4)))
)  # all open models
TRAINING_BYTES = int(os.environ.get("GLASSBOX_TRAINING_BYTES", str(2 * 2**30)))  # one run
TRAINING_FLOPS = float(os.environ.get("GLASSBOX_TRAINING_FLOPS", "1e14"))  # about an hour of one core


class BudgetError(ValueError):
    """A model or a run that is too large for this server, with the sum that shows it."""


def activation_count(config: GPTConfig, batch_size: int) -> int:
    """Numbers kept for the way back: about 18 widths and 4 times the hidden units (in GPT-2 34 widths)
    a token and block, the attention maps, the logits."""
    tokens = batch_size * config.context_length
    block = 18 * config.emb_dim + 4 * config.hidden_dim + 2 * config.n_heads * config.context_length
    return tokens * (config.n_layers * block + 3 * config.vocab_size)


def training_flops(config: GPTConfig, train: TrainConfig, batch_size: int) -> float:
    """Additions and multiplications of a whole run: 6 for each weight and token (Kaplan et al. 2020)."""
    attention = 2 * config.n_layers * config.context_length * config.emb_dim
    return 6.0 * (matrix_weights(config) + attention) * batch_size * config.context_length * train.steps


def check(config: GPTConfig, train: TrainConfig | None = None, batch_size: int | None = None) -> None:
    """Raise BudgetError, with the sum shown, if the model does not fit, or the run with `train`."""
    parameters = parameter_count(config)
    if train is None and batch_size is None:
        refuse_above(MODEL_BYTES, parameters * BYTES, f"{parameters:,} parameters x {BYTES} bytes")
        return
    activations = activation_count(config, batch_size or 1)
    refuse_above(
        TRAINING_BYTES,
        (4 * parameters + activations) * BYTES,
        f"({parameters:,} parameters x 4 (weight, gradient, two means of AdamW) "
        f"+ {activations:,} activations) x {BYTES} bytes",
    )
    flops = training_flops(config, train or TrainConfig(), batch_size or 1)
    if flops > TRAINING_FLOPS:
        raise BudgetError(
            f"this run takes {flops:.1e} arithmetic operations, and this server allows {TRAINING_FLOPS:.1e} "
            "a run: choose fewer steps, a smaller batch or a smaller model"
        )


def check_shared(config: GPTConfig) -> None:
    """Raise BudgetError, with the sum shown, if one model is more than all that are open may take."""
    parameters = parameter_count(config)
    refuse_above(SHARED_BYTES, parameters * BYTES, f"{parameters:,} parameters x {BYTES} bytes")


def refuse_above(limit: int, needed: int, addends: str) -> None:
    """Raise BudgetError if `needed` bytes are more than `limit`."""
    if needed > limit:
        raise BudgetError(
            f"{addends} = {needed / 2**20:,.0f} MiB, and this server allows {limit / 2**20:,.0f} MiB: "
            "choose a smaller model, batch or context"
        )
