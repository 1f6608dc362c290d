"""How a fine-tuning learns if nothing else is chosen; slow tests show what comes of it."""

from dataclasses import dataclass

from core.training import TrainConfig


@dataclass(frozen=True)
class How:
    """Steps, rates and rows of a fine-tuning."""

    train: TrainConfig
    lora_train: TrainConfig  # adapters start at nothing, and are few: they take larger steps, and more
    lora_layers: tuple[str, ...]
    batch_size: int
    eval_every: int

    def by(self, lora: bool) -> TrainConfig:
        """With adapters, or without."""
        return self.lora_train if lora else self.train


def cosine(learning_rate: float, steps: int, warmup_steps: int) -> TrainConfig:
    """Up, and down to a thirtieth of the rate."""
    return TrainConfig(
        learning_rate=learning_rate,
        min_learning_rate=learning_rate / 30,
        steps=steps,
        warmup_steps=warmup_steps,
        schedule="cosine",
        betas=(0.9, 0.99),
        clip_norm=1.0,
    )


HOW = {
    "classify": How(
        train=cosine(1e-3, 200, 10),
        lora_train=cosine(2e-3, 200, 10),
        lora_layers=("W_query", "W_key", "W_value", "out_proj", "ff"),
        batch_size=16,
        eval_every=20,
    ),
    "instruct": How(
        train=cosine(1e-3, 1000, 20),
        lora_train=cosine(5e-3, 1400, 50),
        lora_layers=("W_query", "W_key", "W_value", "ff"),
        batch_size=8,
        eval_every=100,
    ),
}
