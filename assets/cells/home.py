import torch

from core.gpt import parameter_count
from core.lens import losses_along

numbers = {"tokens": len(ids), "learned": parameter_count(model.config)}
if ids:
    with torch.inference_mode():
        vectors = model.final_vectors(torch.tensor([ids]), tap)[0]  # (T, C)
        logits = model.out_head(vectors[-1])  # (V,)
    numbers["best_logit"] = logits.max().item()
    numbers["chance"] = logits.softmax(-1).max().item()
if len(ids) > 1:
    losses = losses_along(model, vectors[:-1], torch.tensor(ids[1:]))[-128:]
    numbers["loss"] = losses.mean().item()
numbers
