from dataclasses import replace

import torch

from core.by_hand import INPUTS, WORDS, linear_projections, who_hears
from core.gpt import with_switches
from core.lens import losses_along

attention_who = "The book's six words"
attention_word = "journey"

row, projections = WORDS.index(attention_word), linear_projections(789)[0]
numbers = {
    "heard": len(who_hears(INPUTS, row, projections, causal=True)),
    "all_heard": len(who_hears(INPUTS, row, projections, causal=False)),
}
if attention_who == "This model's head":
    numbers = {}
    for causal in (True, False) if model.config.causal else (False,):
        switched = with_switches(model, replace(model.config, causal=causal))
        with torch.inference_mode():
            vectors = switched.final_vectors(torch.tensor([ids]), tap)[0]  # (T, C)
        losses = losses_along(model, vectors[:-1], torch.tensor(ids[1:], dtype=torch.long))[-128:]
        numbers["only back" if causal else "everywhere"] = losses.mean().item()
numbers
