"""A training that can stop at any step and go on bit for bit, today or in another process."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice

import torch
from torch import nn

from core.gpt import GPTModel
from core.step_report import StepReport, watch_step
from core.training import Batch, TrainEvent, make_optimizer, train
from runs.events import EvalEvent
from runs.prepare import Prepared
from runs.recipe import Recipe


@dataclass
class Training:
    """A model in training with everything that its next step depends on."""

    prepared: Prepared
    model: nn.Module  # a GPT, or one with a class layer or adapters
    optimizer: torch.optim.AdamW
    data_generator: torch.Generator  # draws the windows; dropout draws from torch's own generator
    step: int = 0  # updates done
    tokens_seen: int = 0
    seconds_before: float = 0.0  # trained before this process took over
    started: float = field(default_factory=time.monotonic)
    setback: str = ""  # what was wrong with a newer checkpoint than the one that it was read from

    @classmethod
    def begin(cls, prepared: Prepared) -> "Training":
        """A run at step 0. Sets torch's own generator, which dropout draws from."""
        recipe = prepared.recipe
        model = prepared.task.begin()
        torch.manual_seed(recipe.seed)
        data_generator = torch.Generator().manual_seed(recipe.seed)
        return cls(prepared, model, make_optimizer(model, recipe.train), data_generator)

    @property
    def seconds(self) -> float:
        """Time spent on this run, by a clock that nobody can set back."""
        return self.seconds_before + time.monotonic() - self.started

    def events(self) -> Iterator[TrainEvent]:
        """The steps that are left, one for each `next`; between two of them everything may be saved."""
        batches = self.batches(self.data_generator, self.step)
        while self.step < self.prepared.recipe.train.steps:
            recipe = self.prepared.recipe
            config, until = recipe.train_at(self.step)
            for event in train(
                self.learner,
                islice(batches, until - self.step),
                config,
                optimizer=self.optimizer,
                first_step=self.step,
                tokens_seen=self.tokens_seen,
            ):
                self.step, self.tokens_seen = event.step + 1, event.tokens_seen
                yield event
                if self.prepared.recipe is not recipe:
                    break  # the learning rate was changed meanwhile

    def batches(self, generator: torch.Generator, first_step: int) -> Iterator[Batch]:
        """The batches from a step on, as this generator draws them."""
        return self.prepared.task.batches(generator, first_step)

    @property
    def learner(self) -> nn.Module:
        """What makes the steps: the model itself, or what wraps it when several processes train it."""
        return self.model

    def body(self) -> GPTModel:
        """The GPT of this moment, for the views."""
        return self.prepared.task.body(self.model)

    def explained(self, events: Iterator[TrainEvent]) -> tuple[TrainEvent, StepReport | None]:
        """The next of these events with all that there is to see in its step; the training stays the same.

        Of a fine-tuning there is no report: its rows are no windows of one text.
        """
        if self.prepared.recipe.tuning:
            return next(events), None
        ahead = torch.Generator()
        ahead.set_state(self.data_generator.get_state())
        return watch_step(self.model, *next(self.batches(ahead, self.step)), lambda: next(events))

    def change_recipe(self, recipe: Recipe) -> None:
        """Go on with another learning rate; everything else of the recipe must be the same."""
        self.prepared = replace(self.prepared, recipe=recipe)

    def evaluation_due(self) -> bool:
        """Whether an evaluation belongs to this step: the first, every `eval_every`, the last."""
        return (
            self.step % self.prepared.recipe.eval_every == 0 or self.step == self.prepared.recipe.train.steps
        )

    def evaluate(self) -> EvalEvent:
        """Both losses on the same rows each time, and a sample; the training's randomness is left alone."""
        last = self.step == self.prepared.recipe.train.steps
        found = self.prepared.task.measure(self.model, last=last)
        return EvalEvent(
            self.step, found.train_loss, found.val_loss, found.sample, self.seconds, dict(found.scores)
        )
