"""Save a training whole and take it up again bit for bit: weights, optimizer, randomness, in one file.

Leaving out torch's generator, the data generator or the optimizer changes the numbers (three tests show it).
"""

import json
import os
import time
from contextlib import suppress
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from core.training import make_optimizer
from runs.prepare import Prepared
from runs.task import unshared
from runs.training import Training

LAST, PREVIOUS = "last.safetensors", "previous.safetensors"
DAMAGED = (FileNotFoundError, SafetensorError, KeyError, TypeError, ValueError, RuntimeError)  # or missing
MOST_THREADS = 64  # that a checkpoint may ask for


def save_training(training: Training, folder: Path) -> None:
    """Write the checkpoint aside and rename it; the one before stays as `previous`."""
    aside = folder / f".{LAST}"
    save_file(tensors_of(training), aside, metadata={"glassbox": json.dumps(facts_of(training))})
    with aside.open("rb") as file:
        os.fsync(file.fileno())  # or a power cut could leave the new name without its content
    if (folder / LAST).exists():
        os.replace(folder / LAST, folder / PREVIOUS)
    os.replace(aside, folder / LAST)


def tensors_of(training: Training) -> dict[str, Tensor]:
    """All numbers that the next step depends on, by name. Names: model.*, optimizer.<index>.*, random.*."""
    tensors = {f"model.{name}": tensor for name, tensor in unshared(training.model.state_dict()).items()}
    for index, state in training.optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{index}.{name}": tensor for name, tensor in state.items()}
    tensors["random.torch"] = torch.get_rng_state()
    tensors["random.data"] = training.data_generator.get_state()
    return {name: tensor.contiguous() for name, tensor in tensors.items()}


def facts_of(training: Training) -> dict:
    """What is no tensor: how far the training is, and what its bits depend on."""
    return {
        "step": training.step,
        "tokens_seen": training.tokens_seen,
        "seconds": training.seconds,
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
    }


def drop_training(folder: Path) -> None:
    """Remove what only a further step would need; `load_training` then finds nothing."""
    for name in (LAST, PREVIOUS):
        (folder / name).unlink(missing_ok=True)


def load_training(prepared: Prepared, folder: Path) -> Training | None:
    """The training of the last whole checkpoint; None if there is none. Sets torch's generator."""
    for name in (LAST, PREVIOUS):
        try:
            return read_training(prepared, folder / name)
        except DAMAGED:
            continue  # missing, cut off or no checkpoint at all: the one before is still good
    return None


def read_training(prepared: Prepared, path: Path) -> Training:
    """The training of one checkpoint file."""
    tensors, facts = read_checkpoint(path)
    model = prepared.task.restore(part(tensors, "model."))
    optimizer = make_optimizer(model, prepared.recipe.train)
    restore_optimizer(optimizer, part(tensors, "optimizer."))
    data_generator = torch.Generator()
    data_generator.set_state(tensors["random.data"])
    torch.set_rng_state(tensors["random.torch"])
    return Training(
        prepared,
        model,
        optimizer,
        data_generator,
        step=facts["step"],
        tokens_seen=facts["tokens_seen"],
        seconds_before=facts["seconds"],
        started=time.monotonic(),
    )


def read_checkpoint(path: Path) -> tuple[dict[str, Tensor], dict]:
    """All tensors and facts of a checkpoint. FileNotFoundError, or SafetensorError if it is not whole."""
    with safe_open(path, framework="pt") as file:
        return {name: file.get_tensor(name) for name in file.keys()}, json.loads(file.metadata()["glassbox"])  # noqa: SIM118


def read_facts(path: Path) -> dict:
    """The facts of a checkpoint, without its tensors."""
    with safe_open(path, framework="pt") as file:
        return json.loads(file.metadata()["glassbox"])


def part(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """The tensors under a prefix, without it."""
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def restore_optimizer(optimizer: torch.optim.Optimizer, tensors: dict[str, Tensor]) -> None:
    """Give the optimizer its memory back; the tensors are named <index of the parameter>.<name>."""
    state: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        index, _, key = name.partition(".")
        state.setdefault(int(index), {})[key] = tensor
    optimizer.load_state_dict(optimizer.state_dict() | {"state": state})


def last_facts(folder: Path) -> dict:
    """The facts of the last whole checkpoint; empty if there is none."""
    for name in (LAST, PREVIOUS):
        with suppress(*DAMAGED):
            return dict(read_facts(folder / name))
    return {}


def restore_threads(folder: Path) -> None:
    """Compute with as many threads as before: another number sums in another order, and the bits differ."""
    threads = last_facts(folder).get("threads")
    if isinstance(threads, int) and 1 <= threads <= MOST_THREADS:
        torch.set_num_threads(threads)


def same_bits(folder: Path) -> bool:
    """Whether this process computes like the one that wrote the last checkpoint: same torch, same threads."""
    here = {"torch": torch.__version__, "threads": torch.get_num_threads()}
    return here.items() <= (here | last_facts(folder)).items()
