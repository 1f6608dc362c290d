"""Recipes of models that learn to follow instructions: all weights, or thin adapters."""

from dataclasses import replace

from runs.text_presets import BUNDLED
from runs.tuned import HOW
from runs.tuning import Instruct, Lora

BEST = HOW["instruct"]
INSTRUCTIONS = replace(
    BUNDLED,
    train=BEST.train,
    batch_size=BEST.batch_size,
    eval_every=BEST.eval_every,
    tuning=Instruct(mask_prompt=True),
)
INSTRUCTIONS_LORA = replace(
    INSTRUCTIONS,
    train=BEST.lora_train,
    tuning=Instruct(mask_prompt=True, lora=Lora(layers=BEST.lora_layers)),
)
