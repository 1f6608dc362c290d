"""Recipes that are known to work."""

from core.config import GPTConfig
from core.training import TrainConfig
from runs.recipe import Recipe

PRESETS = {
    "default": Recipe(  # ten seconds on one core: words come, then sentences learned by heart
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
    ),
    "bundled": Recipe(  # what `make model` trains
        corpus="grimm+ugly-duckling+match-seller",
        tokenizer="bpe",
        model=GPTConfig(
            vocab_size=2048,
            context_length=128,
            emb_dim=128,
            n_heads=4,
            n_layers=4,
            drop_rate=0.1,
            tie_weights=True,
        ),
        train=TrainConfig(
            learning_rate=2e-3,
            steps=2000,
            warmup_steps=100,
            schedule="cosine",
            min_learning_rate=1e-4,
            clip_norm=1.0,
        ),
        eval_every=50,
    ),
}
