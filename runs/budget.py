"""Refuse what this server cannot hold or finish, by arithmetic, before a single tensor exists."""

from core.anatomy import BYTES, activation_count, training_flops
from core.config import GPTConfig
from core.gpt import parameter_count
from core.training import TrainConfig
from runs.settings import settings


class BudgetError(ValueError):
    """A model or a run that is too large for this server, with the sum that shows it."""


def check_budget(
    config: GPTConfig,
    train: TrainConfig | None = None,
    batch_size: int | None = None,
    *,
    most_flops: float | None = None,
) -> None:
    """Raise BudgetError, with the sum shown, if the model does not fit, or the run with `train`.

    A model to look into must fit into the memory that all open models share. `most_flops` replaces the
    limit of the settings.
    """
    parameters = parameter_count(config)
    if train is None and batch_size is None:
        refuse_above(settings().model_bytes, parameters * BYTES, f"{parameters:,} parameters x {BYTES} bytes")
        return
    activations = activation_count(config, batch_size or 1)
    refuse_above(
        settings().training_bytes,
        (4 * parameters + activations) * BYTES,
        f"({parameters:,} parameters x 4 (weight, gradient, two means of AdamW) "
        f"+ {activations:,} activations) x {BYTES} bytes",
    )
    tokens = (train or TrainConfig()).steps * (batch_size or 1) * config.context_length
    flops, allowed = training_flops(config, tokens), most_flops or settings().training_flops
    if flops > allowed:
        raise BudgetError(
            f"this run takes {flops:.1e} arithmetic operations, and this server allows {allowed:.1e} "
            "a run: choose fewer steps, a smaller batch or a smaller model"
        )


def refuse_above(limit: int, needed: int, addends: str) -> None:
    """Raise BudgetError if `needed` bytes are more than `limit`."""
    if needed > limit:
        raise BudgetError(
            f"{addends} = {needed / 2**20:,.0f} MiB, and this server allows {limit / 2**20:,.0f} MiB: "
            "choose a smaller model, batch or context"
        )
