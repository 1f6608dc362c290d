"""The second phase of the Storyteller's training: it learns to look up tokens that came 12 to 60 before.

After the first phase its best induction head gave 0.40 of its attention, beyond chance, to what followed the
same token 16 tokens before, and 0.34 at 48 tokens: no clear induction head. The lines of words that it had
read repeat sooner, and hold few of the tokens. So a part of each batch is now random tokens that come twice,
as in `core.roles`, which measures the heads; the rest is the text of the first phase.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from core.data import random_batches
from core.gpt import GPTModel
from core.snippets import snippet_rows
from core.training import Batch, TrainConfig
from core.weights import load_model
from runs.prepare import Prepared
from runs.task import Pretraining

SNIPPET_SHARE = 3 / 8  # of the rows of a batch
SHORTEST, LONGEST = 12, 60  # tokens of a snippet; twice 60 fit into a context of 128
TRAIN = TrainConfig(  # a fresh optimizer; a fifth of the first phase's rate
    learning_rate=6e-4,
    betas=(0.9, 0.99),
    steps=300,
    warmup_steps=30,
    schedule="cosine",
    min_learning_rate=3e-5,
    clip_norm=1.0,
)


@dataclass(frozen=True)
class SecondPhase(Pretraining):
    """Train a pretrained model on, on its text and on random tokens that come twice."""

    start: Path  # weights to go on from

    def begin(self) -> GPTModel:
        return load_model(self.start).requires_grad_(True)

    def batches(self, generator: torch.Generator, first_step: int) -> Iterator[Batch]:
        rows = round(SNIPPET_SHARE * self.recipe.batch_size)
        ids = self.corpus.train_ids
        for text in random_batches(ids, self.length, self.recipe.batch_size - rows, generator):
            longest = min(LONGEST, self.config.vocab_size)
            new = snippet_rows(
                self.config.vocab_size, self.length, rows, min(SHORTEST, longest), longest, generator
            )
            inputs, targets = (torch.cat(both) for both in zip(text, new, strict=True))
            yield inputs, targets


def second_phase(first: Prepared, start: Path) -> Prepared:
    """What the second phase trains, from what the first one trained."""
    recipe = replace(first.recipe, train=TRAIN)
    task = SecondPhase(recipe, first.model, first.tokenizer, first.task.corpus, start)
    return replace(first, recipe=recipe, task=task)
