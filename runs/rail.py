"""The checkpoints that views show: about twenty in the life of a run, dense where a model changes most."""

import copy
from pathlib import Path

import torch

from core.gpt import GPTModel
from core.weights import load_model, save_model
from runs.errors import NotThereError, StoreError

EVEN_STEPS = 12
LARGEST_HALF = torch.finfo(torch.float16).max


def rail_steps(steps: int) -> frozenset[int]:
    """Which steps are kept of a run: 0, 1, 2, 4, ... and then even spacing up to the last."""
    even = {round(steps * number / EVEN_STEPS) for number in range(1, EVEN_STEPS + 1)}
    doubling = {2**power for power in range(steps.bit_length()) if 2**power < 0.75 * steps / EVEN_STEPS}
    return frozenset({0, 1, steps} | even | doubling)


def save_to_rail(model: GPTModel, run_dir: Path, step: int) -> None:
    """Keep the model of this step in half precision, or in full if its weights are too large for that.

    A model with NaN or infinity in it is not kept: there is nothing to see.
    """
    largest = torch.stack([parameter.detach().abs().max() for parameter in model.parameters()]).max()
    if not largest.isfinite():
        return
    folder = run_dir / "rail"
    folder.mkdir(exist_ok=True)
    save_model(copy.deepcopy(model).half() if largest < LARGEST_HALF else model, folder / file_name(step))


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


def file_name(step: int) -> str:
    """The name of a step's file."""
    return f"{step:08d}.safetensors"
