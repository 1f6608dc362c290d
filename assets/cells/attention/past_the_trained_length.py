import torch

from core.library import read_text
from core.long_context import affordable, binned, losses_by_position, overlapping_windows, stretched

trained = model.config.context_length
longer = stretched(model, 2 * trained)
count, read = affordable(model.config, longer.config.context_length, 5e10)
text_ids = encode(held_out)
if len(text_ids) <= read:
    text_ids = encode(read_text("ugly-duckling"))
windows = overlapping_windows(torch.tensor(text_ids), read, min(count, 64))  # (N, T + 1)
places, losses = binned(losses_by_position(longer, windows), 16 if read > trained else 8)
late = (places > trained / 2) & (places <= trained)
numbers = {
    "first": losses[0].item(),
    "within": (losses[late] if late.any() else losses).mean().item(),
    "trained": trained,
}
numbers
