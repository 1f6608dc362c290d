"""Training as a stream of events: one optimizer step for each `next` (book 5.2, appendix D)."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.config import check_choice, settle_whole_numbers

Batch = tuple[Tensor, Tensor]  # inputs and targets, both (B, T)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainConfig:
    """Everything that decides how the weights are changed. Frozen, so that a run can be repeated."""

    learning_rate: float = 4e-4  # the highest rate of the schedule
    weight_decay: float = 0.1  # pull of all weights towards zero, times the learning rate
    betas: tuple[float, float] = (0.9, 0.999)  # memory of AdamW's two running means
    eps: float = 1e-8  # keeps AdamW from dividing by zero
    steps: int = 200  # optimizer steps
    warmup_steps: int = 0  # steps in which the rate rises from near 0
    schedule: str = "constant"  # or "cosine": down to min_learning_rate
    min_learning_rate: float = 0.0  # where the cosine ends
    clip_norm: float | None = None  # longest allowed gradient; None lets it be

    def __post_init__(self) -> None:
        """Refuse settings that cannot train, naming the rule."""
        settle_whole_numbers(self, "steps")
        settle_whole_numbers(self, "warmup_steps", at_least=0)
        check_choice("schedule", self.schedule, ("constant", "cosine"))
        for name in ("learning_rate", "weight_decay", "eps", "min_learning_rate"):
            if not (math.isfinite(getattr(self, name)) and getattr(self, name) >= 0):
                raise ValueError(f"{name} is {getattr(self, name)}: it must be a number of at least 0")
        if len(self.betas) != 2 or not all(0 <= beta < 1 for beta in self.betas):
            raise ValueError(f"betas are {self.betas}: there must be two, each at least 0 and below 1")
        if self.clip_norm is not None and not self.clip_norm > 0:
            raise ValueError(f"clip_norm is {self.clip_norm}: it must be above 0, or None for no clipping")


@dataclass(frozen=True, slots=True)
class TrainEvent:
    """What happened in one optimizer step."""

    step: int  # 0 for the first
    tokens_seen: int  # all tokens predicted so far, this step included
    loss: float  # nats per token, before the update; ln(vocab_size) means pure guessing
    grad_norm: float  # length of the whole gradient, before clipping
    learning_rate: float  # used in this step


def learning_rate_at(step: int, config: TrainConfig) -> float:
    """The rate of step 0, 1, ...: a straight warm-up, then constant or half a cosine (book D.1, D.2)."""
    if step < config.warmup_steps:
        return config.learning_rate * (step + 1) / config.warmup_steps
    if config.schedule == "constant":
        return config.learning_rate
    progress = (step - config.warmup_steps) / max(1, config.steps - config.warmup_steps)
    swing = (1 + math.cos(math.pi * progress)) / 2  # from 1 to 0
    return config.min_learning_rate + (config.learning_rate - config.min_learning_rate) * swing


def next_token_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Mean surprise at the right next token, in nats: (..., V), (...) -> (). Targets of -100 do not count."""
    if logits.shape[:-1] != targets.shape:
        raise ValueError(f"logits {tuple(logits.shape)} need one target a row, not {tuple(targets.shape)}")
    return F.cross_entropy(
        logits.reshape(-1, logits.shape[-1]), targets.reshape(-1).long(), ignore_index=-100
    )


def make_optimizer(model: nn.Module, config: TrainConfig) -> torch.optim.AdamW:
    """AdamW over all parameters (Loshchilov & Hutter 2019), fused: 3 to 7 times cheaper a step."""
    return torch.optim.AdamW(
        model.parameters(),
        lr=config.learning_rate,
        betas=config.betas,
        eps=config.eps,
        weight_decay=config.weight_decay,
        fused=True,
    )


def train(
    model: nn.Module,
    batches: Iterable[Batch],
    config: TrainConfig,
    *,
    optimizer: torch.optim.Optimizer | None = None,
    first_step: int = 0,
    tokens_seen: int = 0,
) -> Iterator[TrainEvent]:
    """Train until `batches` or `config.steps` end, yielding after each update; to stop, do not ask for more.

    A run that goes on from a checkpoint hands in its optimizer, its next step and the tokens seen so far.
    """
    optimizer = optimizer or make_optimizer(model, config)
    for step, (inputs, targets) in zip(range(first_step, config.steps), batches, strict=False):
        model.train()
        learning_rate = learning_rate_at(step, config)
        tokens_seen += targets.numel()
        loss = next_token_loss(model(inputs), targets)
        grad_norm = update(model, loss, optimizer, learning_rate, config.clip_norm)
        yield TrainEvent(step, tokens_seen, loss.item(), grad_norm, learning_rate)


def update(
    model: nn.Module,
    loss: Tensor,
    optimizer: torch.optim.Optimizer,
    learning_rate: float,
    clip_norm: float | None,
) -> float:
    """One step downhill: gradients by backpropagation, clipped, applied; returns their length unclipped."""
    optimizer.zero_grad()
    loss.backward()
    grad_norm = nn.utils.clip_grad_norm_(model.parameters(), clip_norm or math.inf)
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    optimizer.step()
    return grad_norm.item()


@torch.no_grad()
def evaluate(model: nn.Module, batches: Iterable[Batch]) -> float:
    """Mean loss per token over batches of equal size, without learning; NaN if there is none (book 5.1.3)."""
    was_training = model.training
    model.eval()
    losses = [next_token_loss(model(inputs), targets).item() for inputs, targets in batches]
    model.train(was_training)
    return sum(losses) / len(losses) if losses else math.nan
