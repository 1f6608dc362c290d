"""A run's events as what a page shows: curves, samples, speed."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from core.baselines import bigram_loss, longest_copy
from core.tokenizer import Tokenizer
from core.training import TrainEvent
from runs import EvalEvent, Recipe, RunStatus
from runs.prepare import prepared
from runs.trouble import is_wild
from views.figures.training import Curves
from views.phrases import count_of


def curves_of(
    events: Sequence[TrainEvent | EvalEvent], vocab_size: int, pairs: float | None = None
) -> Curves:
    """A run's events as arrays, with the losses of guessing and of counting pairs to compare with."""
    updates = [event for event in events if isinstance(event, TrainEvent)]
    evaluations = evaluations_of(events)
    return Curves(
        steps=np.array([event.step for event in updates], dtype=int),
        losses=np.array([event.loss for event in updates]),
        grad_norms=np.array([event.grad_norm for event in updates]),
        learning_rates=np.array([event.learning_rate for event in updates]),
        eval_steps=np.array([event.step for event in evaluations], dtype=int),
        train=np.array([event.train_loss for event in evaluations]),
        validation=np.array([event.val_loss for event in evaluations]),
        marks=marks_of(vocab_size, pairs),
    )


def marks_of(vocab_size: int, pairs: float | None) -> dict[str, float]:
    """Losses to compare with, by what they are."""
    marks = {f"pure guessing: ln {vocab_size:,} = {math.log(vocab_size):.2f}": math.log(vocab_size)}
    if pairs is not None:
        marks[f"counting pairs, on validation text: {pairs:.2f}"] = pairs
    return marks


@lru_cache(maxsize=64)
def bigram_of(recipe: Recipe, tokenizer: Tokenizer | None = None) -> float:
    """What the recipe's validation text costs a model that only counts pairs, in nats a token.

    Give the tokenizer if it is at hand: learning byte pairs again takes a second for a long text.
    """
    ready = prepared(recipe, tokenizer)
    return bigram_loss(ready.train_ids, ready.validation_ids, ready.tokenizer.vocab_size)


@lru_cache(maxsize=256)
def copied(sample: str, recipe: Recipe) -> str:
    """The longest stretch of a sample that stands in the text that it was trained on, letter for letter."""
    return longest_copy(sample, recipe.corpus_text)


def evaluations_of(events: Sequence[TrainEvent | EvalEvent]) -> list[EvalEvent]:
    """The evaluations among a run's events."""
    return [event for event in events if isinstance(event, EvalEvent)]


@dataclass(frozen=True)
class Pace:
    """How fast a run is, and how long it will take."""

    tokens_per_second: float
    seconds_left: float


def pace_of(events: Sequence[TrainEvent | EvalEvent], status: RunStatus) -> Pace | None:
    """Measured between the first and the last evaluation; None before there are two."""
    evaluations = evaluations_of(events)
    updates = [event for event in events if isinstance(event, TrainEvent)]
    if len(evaluations) < 2 or evaluations[-1].seconds <= evaluations[0].seconds:
        return None
    steps = evaluations[-1].step - evaluations[0].step
    seconds = evaluations[-1].seconds - evaluations[0].seconds
    tokens_a_step = updates[0].tokens_seen / (updates[0].step + 1)
    return Pace(tokens_a_step * steps / seconds, (status.steps - status.step) * seconds / steps)


def state_sentence(status: RunStatus) -> str:
    """How a run stands, for the person who watches it."""
    if status.state == "queued" and status.position:
        about = f", {waiting(status.wait)}" if status.wait else ""
        return f"Waiting: number {status.position} in the queue{about}."
    sentences = {
        "queued": "Waiting for its turn.",
        "starting": "Starting …",
        "running": f"Training: step {status.step:,} of {status.steps:,}.",
        "paused": f"Paused at step {status.step:,} of {status.steps:,}.",
        "done": f"Done: {count_of(status.steps, 'step')}.",
        "stopped": f"Stopped at step {status.step:,} of {status.steps:,}.",
        "diverged": f"Diverged at step {status.step:,} of {status.steps:,}.",
        "failed": f"Failed at step {status.step:,}.",
    }
    reason = status.reason[:1].upper() + status.reason[1:]
    return " ".join(filter(None, (sentences[status.state], reason)))


def waiting(seconds: float) -> str:
    """An expected time as people say it: a guess, so no more exact than it is."""
    if seconds < 60:
        return f"about {max(5, round(seconds / 5) * 5)} s"
    return f"about {round(seconds / 60)} min"


def rate_sentence(status: RunStatus, recipe: Recipe) -> str:
    """Which learning rates were chosen on the way, and where; nothing if it is as it began."""
    if not recipe.rate_changes:
        return ""
    step, rate = recipe.rate_changes[-1]
    before = recipe.train_at(step - 1)[0].learning_rate if step else recipe.train.learning_rate
    start = f"Branched off from run {status.parent[:4]}. " if status.parent else ""
    return f"{start}Learning rate {rate:.3g} from step {step:,} on, {before:.3g} before."


def branch_sentence(old: RunStatus, new: RunStatus, others: int, rate: float) -> str:
    """Why another rate has led to another run."""
    if old.ended:
        why = f"Run {old.run_id[:4]} stays as it is"
    else:
        who = "1 other person watches" if others == 1 else f"{others} other people watch"
        why = f"{who} run {old.run_id[:4]}, which goes on as it was"
    return f"{why}: a run of your own goes on from its step {new.step:,}, with a learning rate of {rate:.3g}."


def lost_at(updates: Sequence[TrainEvent], step: int, vocab_size: int) -> bool:
    """Whether the model of this step was already worse than guessing by far: no rate could bring it back."""
    loss = next((event.loss for event in updates if event.step == step), math.nan)
    return step > 0 and (math.isnan(loss) or is_wild(loss, vocab_size))


def share_copied(sample: str, found: str) -> float:
    """How much of a sample is its longest copied stretch, from 0 to 1."""
    return len(found) / len(sample) if sample else 0.0


def sample_at(evaluations: Sequence[EvalEvent], step: int | None) -> EvalEvent:
    """The evaluation at this step, or the last one before it; the newest without a step."""
    before = [event for event in evaluations if step is None or event.step <= step]
    return before[-1] if before else evaluations[0]
