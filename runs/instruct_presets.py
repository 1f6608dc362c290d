"""Recipes of models that learn to follow instructions: all weights, thin adapters, and without an end."""

from dataclasses import replace

from core.training import TrainConfig
from runs.text_presets import BUNDLED
from runs.tuning import Instruct, Lora

LORA_LAYERS = ("W_query", "W_key", "W_value", "ff")  # 4.8 % of the Storyteller's numbers at rank 8
LORA_RANK, LORA_ALPHA = 8, 16.0
INSTRUCT_BATCH, INSTRUCT_WATCH = 8, 100  # rows of a step, and steps from one look at the answers to the next
INSTRUCT_TRAIN = TrainConfig(  # 80 seconds of one core
    learning_rate=1e-3,
    betas=(0.9, 0.99),
    steps=1000,
    warmup_steps=36,
    schedule="cosine",
    min_learning_rate=1e-3 / 30,
    clip_norm=1.0,
)
LORA_TRAIN = replace(  # fewer numbers have further to go: a higher rate, and more steps
    INSTRUCT_TRAIN, learning_rate=5e-3, min_learning_rate=5e-3 / 30, steps=1400, warmup_steps=50
)
INSTRUCTIONS = replace(
    BUNDLED,
    train=INSTRUCT_TRAIN,
    batch_size=INSTRUCT_BATCH,
    eval_every=INSTRUCT_WATCH,
    tuning=Instruct(mask_prompt=True),
)
INSTRUCTIONS_LORA = replace(
    INSTRUCTIONS,
    train=LORA_TRAIN,
    tuning=Instruct(mask_prompt=True, lora=Lora(rank=LORA_RANK, alpha=LORA_ALPHA, layers=LORA_LAYERS)),
)
ENDING = replace(  # what an end is, is learned long before the right answers
    INSTRUCTIONS, train=replace(INSTRUCT_TRAIN, steps=160), eval_every=40
)
ENDLESS = replace(ENDING, tuning=Instruct(mask_prompt=True, end_in_targets=False))
