"""A training that can stop at any step and go on bit for bit, today or in another process."""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice

import torch
from torch import Tensor

from core.data import random_batches, sliding_windows
from core.gpt import GPTModel, build_model
from core.sampling import generate
from core.step_report import StepReport, watch_step
from core.training import Batch, TrainEvent, evaluate, make_optimizer, train
from runs.events import EvalEvent
from runs.prepare import Prepared
from runs.recipe import Recipe

EVAL_WINDOWS = 16  # windows of each part of the text that an evaluation reads
SAMPLE_TOKENS = 120
PROMPT_CHARACTERS = 16


@dataclass
class Training:
    """A model in training with everything that its next step depends on."""

    prepared: Prepared
    model: GPTModel
    optimizer: torch.optim.AdamW
    data_generator: torch.Generator  # draws the windows; dropout draws from torch's own generator
    step: int = 0  # updates done
    tokens_seen: int = 0
    seconds_before: float = 0.0  # trained before this process took over
    started: float = field(default_factory=time.monotonic)

    @classmethod
    def begin(cls, prepared: Prepared) -> "Training":
        """A run at step 0. Sets torch's own generator, which dropout draws from."""
        recipe = prepared.recipe
        model = build_model(prepared.model, recipe.seed)
        torch.manual_seed(recipe.seed)
        data_generator = torch.Generator().manual_seed(recipe.seed)
        return cls(prepared, model, make_optimizer(model, recipe.train), data_generator)

    @property
    def seconds(self) -> float:
        """Time spent on this run, by a clock that nobody can set back."""
        return self.seconds_before + time.monotonic() - self.started

    def events(self) -> Iterator[TrainEvent]:
        """The steps that are left, one for each `next`; between two of them everything may be saved."""
        batches = self.batches(self.data_generator)
        while self.step < self.prepared.recipe.train.steps:
            recipe = self.prepared.recipe
            config, until = recipe.train_at(self.step)
            for event in train(
                self.model,
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

    def batches(self, generator: torch.Generator) -> Iterator[Batch]:
        """The batches that this generator draws from the training text."""
        context_length = self.prepared.model.context_length
        return random_batches(
            self.prepared.train_ids, context_length, self.prepared.recipe.batch_size, generator
        )

    def explained(self, events: Iterator[TrainEvent]) -> tuple[TrainEvent, StepReport]:
        """The next of these events with all that there is to see in its step; the training stays the same."""
        ahead = torch.Generator()
        ahead.set_state(self.data_generator.get_state())
        return watch_step(self.model, *next(self.batches(ahead)), lambda: next(events))

    def change_recipe(self, recipe: Recipe) -> None:
        """Go on with another learning rate; everything else of the recipe must be the same."""
        self.prepared = replace(self.prepared, recipe=recipe)

    def evaluation_due(self) -> bool:
        """Whether an evaluation belongs to this step: the first, every `eval_every`, the last."""
        return (
            self.step % self.prepared.recipe.eval_every == 0 or self.step == self.prepared.recipe.train.steps
        )

    def evaluate(self) -> EvalEvent:
        """Both losses on fixed windows and a sample text; the training's own randomness is left alone."""
        train_loss, validation_loss = (
            evaluate(self.model, fixed_windows(ids, self.prepared.model.context_length))
            for ids in (self.prepared.train_ids, self.prepared.validation_ids)
        )
        sample = self.sample() if math.isfinite(train_loss + validation_loss) else ""
        return EvalEvent(self.step, train_loss, validation_loss, sample, self.seconds)

    def sample(self) -> str:
        """The prompt and what the model makes of it, always with the same random numbers."""
        prompt = prompt_of(self.prepared)
        generator = torch.Generator().manual_seed(self.prepared.recipe.seed)
        self.model.eval()
        new = generate(self.model, prompt, SAMPLE_TOKENS, temperature=0.8, top_k=40, generator=generator)
        return self.prepared.tokenizer.decode([*prompt, *new])


def fixed_windows(ids: Tensor, context_length: int) -> list[Batch]:
    """Up to 16 windows, evenly spread over the ids: one batch, the same at every evaluation."""
    stride = max(1, (len(ids) - context_length) // EVAL_WINDOWS)
    inputs, targets = sliding_windows(ids, context_length, stride)
    return [(inputs[:EVAL_WINDOWS], targets[:EVAL_WINDOWS])]


def prompt_of(prepared: Prepared) -> list[int]:
    """The first words of the text, which every sample goes on from."""
    start = prepared.recipe.corpus_text.lstrip()[:PROMPT_CHARACTERS]
    words = start.rpartition(" ")[0] or start
    return prepared.tokenizer.encode(words)
