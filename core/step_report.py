"""One optimizer step under the magnifying glass: what it read, how wrong it was, and what it changed."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from core.gpt import GPTModel
from core.training import TrainEvent

MOST_CHANGES = 12


@dataclass(frozen=True, slots=True)
class WeightChange:
    """One single weight, before and after a step."""

    name: str  # of its tensor, as in the book
    place: tuple[int, ...]  # row and column in the tensor
    before: float
    after: float
    gradient: float  # of the loss by this weight, unclipped


@dataclass(frozen=True, slots=True)
class StepReport:
    """Everything about one optimizer step."""

    step: int
    windows: list[list[int]]  # (B, T + 1) token ids: inputs, and shifted by one the targets
    losses: list[list[float]]  # (B, T) nats for each target, before the update
    grad_norms: dict[str, float]  # length of the gradient in each part of the model, unclipped
    changes: list[WeightChange]  # the largest of all, largest first


def report_from(facts: dict) -> StepReport:
    """The report that `dataclasses.asdict` has taken apart, also after a way through JSON."""
    changes = [WeightChange(**change | {"place": tuple(change["place"])}) for change in facts["changes"]]
    return StepReport(**facts | {"changes": changes})


def watch_step(
    model: GPTModel, inputs: Tensor, targets: Tensor, take_step: Callable[[], TrainEvent]
) -> tuple[TrainEvent, StepReport]:
    """Let `take_step` make its update from this batch, (B, T) twice, and tell all about it.

    The step is the one that it would have been without a watcher, bit for bit. The losses are read by a hook
    from the step's own forward pass, with its dropout: nobody else uses a model while it trains.
    """
    before = {name: weight.detach().clone() for name, weight in model.named_parameters()}
    logits: list[Tensor] = []  # (B, T, V), of each forward pass: there is one
    hook = model.register_forward_hook(lambda _module, _given, returned: logits.append(returned.detach()))
    try:
        event = take_step()
    finally:
        hook.remove()
    losses = F.cross_entropy(logits[0].transpose(1, 2), targets, reduction="none")  # (B, T)
    unclip = event.grad_norm / max(whole_norm(model), 1e-30)
    report = StepReport(
        step=event.step,
        windows=torch.cat([inputs, targets[:, -1:]], dim=1).tolist(),
        losses=[[round(loss, 4) for loss in row] for row in losses.tolist()],
        grad_norms=norms_by_part(model, unclip),
        changes=largest_changes(model, before, unclip),
    )
    return event, report


def whole_norm(model: GPTModel) -> float:
    """Length of the gradient over all weights, as the step left it: clipped, if it was too long."""
    return sum(part**2 for part in norms_by_part(model).values()) ** 0.5


def norms_by_part(model: GPTModel, unclip: float = 1.0) -> dict[str, float]:
    """Length of the gradient in the tables, in each block, in the output layer; in the model's order."""
    squares: dict[str, float] = {}
    for name, weight in model.named_parameters():
        part = ".".join(name.split(".")[:2]) if name.startswith("trf_blocks.") else name.split(".")[0]
        gradient = weight.new_zeros(()) if weight.grad is None else weight.grad
        squares[part] = squares.get(part, 0.0) + gradient.double().pow(2).sum().item()
    return {part: unclip * square**0.5 for part, square in squares.items()}


def largest_changes(model: GPTModel, before: dict[str, Tensor], unclip: float) -> list[WeightChange]:
    """The weights that the step moved furthest."""
    found = []
    for name, weight in model.named_parameters():
        moved = (weight.detach() - before[name]).abs().flatten()
        for flat in moved.topk(min(MOST_CHANGES, moved.numel())).indices.tolist():
            place = tuple(int(at) for at in torch.unravel_index(torch.tensor(flat), weight.shape))
            gradient = 0.0 if weight.grad is None else unclip * weight.grad[place].item()
            found.append(
                WeightChange(name, place, before[name][place].item(), weight[place].item(), gradient)
            )
    return sorted(found, key=lambda change: -abs(change.after - change.before))[:MOST_CHANGES]
