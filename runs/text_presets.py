"""Recipes of models that learn from a text: the quick one, and the one that ships."""

from dataclasses import replace

from core.config import CLASSROOM, GPTConfig
from core.training import TrainConfig
from runs.recipe import Recipe

DEFAULT = Recipe(  # ten seconds on one core: words come, then sentences learned by heart
    corpus="ugly-duckling",
    tokenizer="bpe",
    model=GPTConfig(vocab_size=512, context_length=64, emb_dim=96, n_heads=4, n_layers=2, drop_rate=0.0),
    train=TrainConfig(
        learning_rate=5e-3,
        betas=(0.9, 0.99),
        steps=400,
        warmup_steps=20,
        schedule="cosine",
        min_learning_rate=1e-4,
        clip_norm=1.0,
    ),
    batch_size=8,
)
BUNDLED = Recipe(  # what `make model` trains in an hour
    corpus="storyteller-mix",
    tokenizer="bpe",
    model=replace(CLASSROOM, tie_weights=True, position="rotary"),
    train=TrainConfig(
        learning_rate=3e-3,
        betas=(0.9, 0.99),
        steps=2200,
        warmup_steps=100,
        schedule="cosine",
        min_learning_rate=1e-4,
        clip_norm=1.0,
    ),
    batch_size=32,
    eval_every=100,
)
