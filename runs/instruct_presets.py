"""Recipes of models that learn to follow instructions: all weights, thin adapters, and without an end."""

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
ENDING = replace(  # what an end is, is learned long before the right answers
    INSTRUCTIONS, train=replace(BEST.train, steps=160), eval_every=40
)
ENDLESS = replace(ENDING, tuning=Instruct(mask_prompt=True, end_in_targets=False))
