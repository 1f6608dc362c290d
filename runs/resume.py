"""Save a training whole and take it up again bit for bit: weights, optimizer, randomness, in one file.

Leaving out torch's generator, the data generator or the optimizer changes the numbers (three tests show it).
"""

import json
import math
import os
import time
from contextlib import suppress
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from core.training import make_optimizer
from runs.errors import DamagedError
from runs.prepare import Prepared
from runs.task import unshared
from runs.training import Training

LAST, PREVIOUS = "last.safetensors", "previous.safetensors"
SET_ASIDE = "damaged.safetensors"  # the last one, if it could not be read
DAMAGED = (SafetensorError, KeyError, TypeError, ValueError, RuntimeError)
LONGEST_REASON = 200  # characters
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
    for name in (LAST, PREVIOUS, SET_ASIDE):
        (folder / name).unlink(missing_ok=True)


def load_training(prepared: Prepared, folder: Path) -> Training | None:
    """The training of the newest checkpoint that can be read; None if none was ever written here.

    `setback` of what is returned says what was wrong with a newer one. DamagedError if there are checkpoints,
    and none can be read. Sets torch's generator.
    """
    wrong: list[str] = []
    for name in (LAST, PREVIOUS):
        try:
            training = read_training(prepared, folder / name)
        except FileNotFoundError:
            continue
        except DAMAGED as error:
            if "allocate memory" in str(error):
                raise  # the file is whole, and this process has no room for it
            wrong.append(f"{name}: {reason_of(error)}")
            continue
        training.setback = setback(wrong, training.step) if wrong else ""
        return training
    if wrong:
        raise DamagedError(f"no checkpoint of this run can be read ({'; '.join(wrong)}): start it again")
    return None


def setback(wrong: list[str], step: int) -> str:
    """What is said of a run that goes on from an older checkpoint than its last."""
    return (
        f"the last checkpoint could not be read ({'; '.join(wrong)}): the run goes on from the one before, "
        f"at step {step}, and its curve was cut back to there"
    )


def reason_of(error: Exception) -> str:
    """Why a file cannot be read, in one line."""
    told = f"{error} is missing" if isinstance(error, KeyError) else str(error)
    return (told.splitlines() or [type(error).__name__])[0][:LONGEST_REASON]


def set_aside(folder: Path) -> None:
    """Move the last checkpoint, which cannot be read, out of the way of the next one."""
    with suppress(FileNotFoundError):
        os.replace(folder / LAST, folder / SET_ASIDE)


def read_training(prepared: Prepared, path: Path) -> Training:
    """The training of one checkpoint file. FileNotFoundError, or one of DAMAGED."""
    tensors, facts = read_checkpoint(path)
    check_facts(facts, prepared.recipe.train.steps)
    model = prepared.task.restore(part(tensors, "model."))
    optimizer = make_optimizer(model, prepared.recipe.train)
    restore_optimizer(optimizer, part(tensors, "optimizer."))
    check_optimizer(optimizer, facts["step"])
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


def check_facts(facts: dict, steps: int) -> None:
    """Raise ValueError for facts that no checkpoint of a run of so many steps has."""
    if not isinstance(facts, dict) or type(facts["step"]) is not int or not 0 <= facts["step"] <= steps:
        raise ValueError("it does not say at which step it was written")
    if type(facts["tokens_seen"]) is not int or not 0 <= float(facts["seconds"]) < math.inf:
        raise ValueError("it does not say how long the run was trained")


def check_optimizer(optimizer: torch.optim.Optimizer, step: int) -> None:
    """Raise ValueError if the optimizer's memory is not that of its parameters."""
    if step and not optimizer.state:
        raise ValueError("the optimizer's state is missing")
    for parameter, state in optimizer.state.items():
        if any(state[name].shape != parameter.shape for name in ("exp_avg", "exp_avg_sq")):
            raise ValueError("the optimizer's state does not fit the model")


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
        with suppress(FileNotFoundError, *DAMAGED):
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
