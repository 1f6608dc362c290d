"""How a fine-tuning learns if nothing else is chosen; slow tests show what comes of it."""

from dataclasses import dataclass

from core.training import TrainConfig


@dataclass(frozen=True)
class How:
    """Steps, rates and rows of a fine-tuning."""

    train: TrainConfig
    lora_rate: float  # adapters start at nothing, and are few: they take larger steps
    batch_size: int
    eval_every: int
    lora_layers: tuple[str, ...]


HOW = {
    "classify": How(
        train=TrainConfig(learning_rate=5e-4, steps=100, clip_norm=1.0),
        lora_rate=5e-3,
        batch_size=8,
        eval_every=10,
        lora_layers=("W_query", "W_key", "W_value", "out_proj", "ff"),
    ),
    "instruct": How(
        train=TrainConfig(learning_rate=1e-3, steps=400, clip_norm=1.0),
        lora_rate=5e-3,
        batch_size=16,
        eval_every=40,
        lora_layers=("W_query", "W_key", "W_value", "ff"),
    ),
}
