"""What is measured in a model at each checkpoint of its life, while the worker has it in its hands."""

from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from torch import Tensor

from core.gradients import block_gradients
from core.losses import token_losses
from core.roles import SHORTEST_CONTEXT, HeadScores, head_scores
from runs.gaps import from_json, to_json
from runs.rail import file_name, fingerprint, kept_steps
from runs.task import EVAL_WINDOWS, fixed_windows
from runs.training import Training

FEW_WINDOWS = 4  # of the old text: a fine-tuning is short, and must not be mostly measuring


@dataclass(frozen=True, slots=True)
class CheckpointFacts:
    """One moment in a run's life, in numbers."""

    step: int
    passage: list[int]  # (T + 1,) token ids from the validation text, the same at every checkpoint
    losses: list[float]  # (T,) nats for each token of it but the first
    gradients: list[float]  # mean absolute weight gradient of each block, on fixed training windows
    previous_token: list[list[float]]  # (L, H) score of each head, see core.roles
    induction: list[list[float]]  # (L, H)
    fingerprint: str  # sha256 of all weights in full precision: equal only for equal models
    repeat: int = 0  # tokens before the text of the scores comes again; 0 if that was not written down
    error: float = 0.0  # largest standard error of the scores
    named_from: dict[str, float] = field(default_factory=dict)  # the score from which a head has the role


def save_facts(training: Training, run_dir: Path) -> None:
    """Measure the model of this step and keep the numbers beside its checkpoint."""
    facts = facts_of_model(training)
    path = run_dir / "rail" / file_name(training.step, ".json")
    path.parent.mkdir(exist_ok=True)
    aside = path.with_suffix(".aside")
    aside.write_text(to_json(asdict(facts)), encoding="utf-8")
    aside.rename(path)


def facts_of_model(training: Training) -> CheckpointFacts:
    """Everything that is measured. The training's randomness, gradients and mode are left alone."""
    model, context_length = training.body(), training.prepared.model.context_length
    passage = training.prepared.validation_ids[: context_length + 1]
    most = FEW_WINDOWS if training.prepared.recipe.tuning else EVAL_WINDOWS
    windows, targets = fixed_windows(training.prepared.train_ids, context_length, most)[0]
    scores = head_scores(model) if context_length >= SHORTEST_CONTEXT else None
    rounded = [round(loss, 3) for loss in token_losses(model, passage).tolist()]
    model.eval()
    gradients = block_gradients(model, torch.cat([windows, targets[:, -1:]], dim=1))
    return CheckpointFacts(
        step=training.step,
        passage=passage.tolist(),
        losses=rounded,
        gradients=gradients,
        fingerprint=fingerprint(model.parameters()),
        **(facts_of_heads(scores) if scores else {"previous_token": [], "induction": []}),
    )


def facts_of_heads(scores: HeadScores) -> dict:
    """Two roles of all heads, how exactly they are known, and from where on a head has them."""
    return {
        "previous_token": table(scores.previous_token),
        "induction": table(scores.induction),
        "repeat": scores.repeat,
        "error": round(scores.largest_error, 4),
        "named_from": {role: round(scores.named_from(role), 4) for role in ("previous token", "induction")},
    }


def table(scores: Tensor) -> list[list[float]]:
    """A score for each layer and head, (L, H), as short numbers."""
    return [[round(score, 4) for score in row] for row in scores.tolist()]


def read_facts(run_dir: Path) -> list[CheckpointFacts]:
    """The facts of all checkpoints that have any, in order."""
    found = []
    for step in kept_steps(run_dir):
        path = run_dir / "rail" / file_name(step, ".json")
        try:
            found.append(CheckpointFacts(**from_json(path.read_text(encoding="utf-8"))))
        except (FileNotFoundError, ValueError, TypeError):
            continue  # a checkpoint from before there were facts, or one that is just being written
    return found
