"""One training in several processes: each learns from its part of every batch, and all make the same step.

`DistributedDataParallel` averages the gradients while they are computed, so that every process clips and
applies that of the whole batch: the recipe, and what it learns, are those of one process.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch import distributed as processes
from torch.nn.parallel import DistributedDataParallel

from core.training import Batch, TrainEvent
from runs.errors import StoreError
from runs.training import Training

SIGNS = ("gloo", "onnection")  # in what gloo says when nobody answers: its source file, or the connection
Done = TypeVar("Done")
LOST = "one of the processes of this run was lost: start it again, and it goes on from its last checkpoint"


class LostProcessError(StoreError):
    """The others cannot be reached any more."""


@dataclass
class SharedTraining(Training):
    """A training of which this process has a part. Process 0 decides whether there is a next step."""

    wrapped: nn.Module | None = None

    @classmethod
    def of(cls, training: Training) -> "SharedTraining":
        """The same training, in step with the other processes. ValueError if it cannot be shared out."""
        recipe, number = training.prepared.recipe, processes.get_world_size()
        if recipe.tuning:
            raise ValueError("a fine-tuning is for one process: its rows are of different lengths")
        if recipe.batch_size % number:
            raise ValueError(
                f"batch_size is {recipe.batch_size}: it must be a multiple of the {number} processes"
            )
        steps = mean(torch.tensor(float(training.step)))
        if steps != training.step:
            raise StoreError("the processes found different checkpoints: is their folder the same?")
        shared = cls(**vars(training), wrapped=DistributedDataParallel(training.model))
        shared.draw_dropout()
        return shared

    @property
    def learner(self) -> nn.Module:
        """The model with its gradients averaged."""
        return self.wrapped

    def batches(self, generator: torch.Generator, first_step: int) -> Iterator[Batch]:
        """This process's rows of the batches, which all processes draw alike."""
        first, every = processes.get_rank(), processes.get_world_size()
        for inputs, targets in super().batches(generator, first_step):
            yield inputs[first::every], targets[first::every]

    def events(self) -> Iterator[TrainEvent]:
        """The steps that are left, with loss and tokens of the whole batch."""
        of_this_process = super().events()
        recipe = self.prepared.recipe
        whole_batch = recipe.batch_size * self.prepared.task.length
        while self.step < recipe.train.steps and self.agree(go_on=True):
            tokens = self.tokens_seen + whole_batch
            event = together(next, of_this_process)
            self.tokens_seen = tokens
            self.draw_dropout()
            yield replace(event, tokens_seen=tokens, loss=mean(torch.tensor(event.loss)))

    def draw_dropout(self) -> None:
        """Other units drop out in each process and step: their numbers are the seed, so nothing is kept."""
        number = self.step * processes.get_world_size() + processes.get_rank()
        torch.manual_seed((self.prepared.recipe.seed + number) % 2**63)

    def agree(self, *, go_on: bool) -> bool:
        """What process 0 decides: whether to make a step, and at which learning rate from here on."""
        changes = self.prepared.recipe.rate_changes
        at, rate = changes[-1] if changes else (-1, 0.0)
        decided = torch.tensor([float(go_on), at, rate], dtype=torch.float64)
        together(processes.broadcast, decided, src=0)
        go_on, at, rate = bool(decided[0]), int(decided[1]), float(decided[2])
        if at >= 0 and (at, rate) not in changes:
            self.change_recipe(self.prepared.recipe.with_rate(at, rate))
        return go_on

    def dismiss(self) -> None:
        """Process 0 leaves before the last step, and lets the others go."""
        if self.step < self.prepared.recipe.train.steps:
            self.agree(go_on=False)


def mean(number: Tensor) -> float:
    """The mean of a number over all processes."""
    together(processes.all_reduce, number)
    return number.item() / processes.get_world_size()


def together(act: Callable[..., Done], *given: object, **options: object) -> Done:
    """Do what all processes do at once. LostProcessError if one of them is not there any more."""
    try:
        return act(*given, **options)
    except RuntimeError as error:
        if any(sign in str(error) for sign in SIGNS):
            raise LostProcessError(LOST) from error
        raise
