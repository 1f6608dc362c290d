"""What is measured in the bundled model while it is trained, for its card."""

import math
from dataclasses import dataclass

import torch

from core.baselines import bigram_loss
from core.data import sliding_windows
from core.gpt import GPTModel
from core.roles import REPEAT, head_scores
from core.sampling import generate
from core.training import evaluate
from runs.prepare import Prepared
from runs.training import Training

CARD_TEXTS = 300
FAR = 48  # tokens: the other length of repeat at which heads are measured
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
    previous_token: float  # of the best head, on random tokens that come again after 16
    induction: float  # likewise
    induction_far: float | None = None  # on random tokens that come again after 48
    beyond_chance: tuple[float, ...] = ()  # both induction scores, counted from what an even head scores
    error: float | None = None  # largest standard error of these scores

    def sentence(self) -> str:
        """All of it in one line."""
        far = "" if self.induction_far is None else f", at {FAR} tokens {self.induction_far:.2f}"
        return (
            f"held out {self.held_out_loss:.3f} nats, {self.bits_per_character:.3f} bits a character; "
            f"previous token {self.previous_token:.2f}, induction {self.induction:.2f}{far}"
        )


def measured_in(training: Training, step: int) -> Measured:
    """The model as it is now, after so many steps of both phases."""
    ready = training.prepared
    length = ready.model.context_length
    stride = max(1, (len(ready.validation_ids) - length) // WINDOWS)
    inputs, targets = sliding_windows(ready.validation_ids, length, stride)
    loss = evaluate(training.model, zip(inputs.split(32), targets.split(32), strict=True))
    near, far = (head_scores(training.model, repeat=repeat) for repeat in (REPEAT, FAR))
    return Measured(
        step,
        loss,
        bits_per_character(loss, ready),
        near.previous_token.max().item(),
        near.induction.max().item(),
        far.induction.max().item(),
        tuple(scores.beyond(*scores.best("induction"))["induction"] for scores in (near, far)),
        max(near.largest_error, far.largest_error),
    )


def induction_facts(model: GPTModel) -> list[dict]:
    """The best induction head at both lengths of repeat, measured on many texts."""
    found = []
    for repeat in (REPEAT, FAR):
        scores = head_scores(model, repeat=repeat, texts=CARD_TEXTS)
        layer, head = scores.best("induction")
        facts = {"repeat": scores.repeat, "texts": scores.texts, "layer": layer, "head": head}
        facts |= {
            "score": scores.at(layer, head)["induction"],
            "error": scores.error("induction", layer, head),
        }
        found.append(facts | {"beyond_chance": scores.beyond(layer, head)["induction"]})
    return found


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
