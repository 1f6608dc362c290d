"""What is measured in the bundled model while it is trained, for its card."""

import math
from dataclasses import dataclass

import torch

from core.baselines import bigram_loss
from core.data import sliding_windows
from core.roles import head_scores
from core.sampling import generate
from core.training import evaluate
from runs.prepare import Prepared
from runs.training import Training

WINDOWS = 192  # of held-out text: many more than an evaluation in the app reads
PROMPTS = (
    "Once upon a time",
    "The king had a daughter. The king said to the daughter: go into the forest, and the king",
)
SAMPLE_TOKENS = 100


@dataclass(frozen=True)
class Measured:
    """How good the model is after `step` updates, on text that it never learns from."""

    step: int
    held_out_loss: float  # nats per token
    bits_per_character: float
    previous_token: float  # of the best head, on random tokens that come twice
    induction: float  # likewise

    def sentence(self) -> str:
        """All of it in one line."""
        return (
            f"held out {self.held_out_loss:.3f} nats, {self.bits_per_character:.3f} bits a character; "
            f"previous token {self.previous_token:.2f}, induction {self.induction:.2f}"
        )


def measured_in(training: Training) -> Measured:
    """The model as it is now."""
    ready = training.prepared
    length = ready.model.context_length
    stride = max(1, (len(ready.validation_ids) - length) // WINDOWS)
    inputs, targets = sliding_windows(ready.validation_ids, length, stride)
    loss = evaluate(training.model, zip(inputs.split(32), targets.split(32), strict=True))
    scores = head_scores(training.model)
    return Measured(
        training.step,
        loss,
        bits_per_character(loss, ready),
        scores.previous_token.max().item(),
        scores.induction.max().item(),
    )


def bits_per_character(loss: float, ready: Prepared) -> float:
    """A loss in nats a token of the held-out text as bits a character, whatever the tokens."""
    ids = ready.validation_ids.tolist()
    return loss / math.log(2) * len(ids) / len(ready.tokenizer.decode(ids))


def pair_counts(ready: Prepared) -> dict[str, float]:
    """The same for a model that only counts pairs of tokens."""
    loss = bigram_loss(ready.train_ids, ready.validation_ids, ready.tokenizer.vocab_size)
    return {"held_out_loss": loss, "bits_per_character": bits_per_character(loss, ready)}


def samples(training: Training) -> list[str]:
    """What the model makes of each prompt at temperature 0.8, always with the same random numbers."""
    tokenizer = training.prepared.tokenizer
    texts = []
    for prompt in PROMPTS:
        ids = tokenizer.encode(prompt)
        generator = torch.Generator().manual_seed(training.prepared.recipe.seed)
        new = generate(training.model, ids, SAMPLE_TOKENS, temperature=0.8, generator=generator)
        texts.append(tokenizer.decode([*ids, *new]))
    return texts
