"""The checkpoints that views show: about twenty in the life of a run, dense where a model changes most."""

import copy
import hashlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from core.gpt import GPTModel
from core.weights import load_model, save_model
from runs.errors import NotThereError, StoreError

EVEN_STEPS = 12
MOST_STEPS = 21
MOST_EXTRAS = 4  # checkpoints of pauses and single steps, beside those
BESIDE = ".beside"
OF_A_STEP = (
    ".safetensors",
    ".json",
    BESIDE,
)  # its files: model, facts, what else belongs to it
LARGEST_HALF = torch.finfo(torch.float16).max


def rail_steps(steps: int) -> frozenset[int]:
    """Which steps are kept of a run: 0, 1, 2, 4, ... and then even spacing up to the last."""
    doubling = {2**power for power in range(steps.bit_length()) if 2**power < 0.75 * steps / EVEN_STEPS}
    count = min(EVEN_STEPS, MOST_STEPS - 1 - len(doubling))
    even = {round(steps * number / count) for number in range(1, count + 1)}
    return frozenset({0, 1, steps} | even | doubling)


def save_to_rail(
    model: GPTModel, run_dir: Path, step: int, beside: Mapping[str, Tensor] | None = None
) -> None:
    """Keep the model of this step in half precision, or in full if its weights are too large for that.

    What else belongs to it, a classifier's last layer, lies beside it as it is.

    A model with NaN or infinity in it has nothing to show: ask `is_finite` first.
    """
    folder = run_dir / "rail"
    folder.mkdir(exist_ok=True)
    if beside:  # first: who sees the model finds it
        aside = folder / f".{file_name(step, BESIDE)}"
        save_file({name: tensor.contiguous() for name, tensor in beside.items()}, aside)
        os.replace(aside, folder / file_name(step, BESIDE))
    small = largest_weight(model) < LARGEST_HALF
    save_model(copy.deepcopy(model).half() if small else model, folder / file_name(step))


def largest_weight(model: GPTModel) -> Tensor:
    """The size of the largest weight; NaN if one of them is no number."""
    return torch.stack([parameter.detach().abs().max() for parameter in model.parameters()]).max()


def fingerprint(weights: Iterable[Tensor]) -> str:
    """sha256 of weights, in the model's order."""
    digest = hashlib.sha256()
    for weight in weights:
        digest.update(weight.detach().contiguous().numpy().tobytes())
    return digest.hexdigest()


def is_finite(model: GPTModel) -> bool:
    """Whether all weights are numbers."""
    return bool(largest_weight(model).isfinite())


def kept_steps(run_dir: Path) -> list[int]:
    """The steps that can be shown, in order."""
    return sorted(int(path.stem) for path in (run_dir / "rail").glob("[0-9]*.safetensors"))


def load_from_rail(run_dir: Path, step: int) -> GPTModel:
    """The model after `step` updates. NotThereError, with the steps there are, for one that was not kept."""
    steps = kept_steps(run_dir)
    if step not in steps:
        known = ", ".join(map(str, steps)) or "none yet"
        raise NotThereError(f"this run has no checkpoint of step {step}: there are {known}")
    try:
        return load_model(run_dir / "rail" / file_name(step))
    except ValueError as error:
        raise StoreError(f"the checkpoint of step {step} is damaged: {error}") from error


def load_beside(run_dir: Path, step: int) -> dict[str, Tensor]:
    """What lies beside the model of a step, by name; nothing for most runs."""
    path = run_dir / "rail" / file_name(step, BESIDE)
    if not path.exists():
        return {}
    try:
        return load_file(path)
    except (SafetensorError, OSError) as error:
        raise StoreError(f"the checkpoint of step {step} is damaged: {error}") from error


def file_name(step: int, suffix: str = ".safetensors") -> str:
    """The name of a step's file: its model, or with `.json` what was measured in it."""
    return f"{step:08d}{suffix}"


def drop_after(run_dir: Path, step: int) -> None:
    """Remove the checkpoints of later steps: the run will come to them again."""
    for kept in kept_steps(run_dir):
        if kept > step:
            drop_step(run_dir, kept)


def drop_step(run_dir: Path, step: int) -> None:
    """Remove a checkpoint with all that lies beside it."""
    for suffix in OF_A_STEP:
        (run_dir / "rail" / file_name(step, suffix)).unlink(missing_ok=True)


def thin_out(run_dir: Path, kept: frozenset[int]) -> None:
    """Of the checkpoints that pauses and single steps have left beside the rail, keep the newest few."""
    for step in [step for step in kept_steps(run_dir) if step not in kept][:-MOST_EXTRAS]:
        drop_step(run_dir, step)
