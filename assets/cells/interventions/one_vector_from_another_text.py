import torch

from core.interventions import patch_map
from core.knockouts import chances
from core.sampling import last_logits

other_ids = encode(other)[-model.config.context_length :]
numbers = {"tokens": len(ids), "others": len(other_ids)}
if len(other_ids) == len(ids) and other_ids != ids:
    watched = int(last_logits(model, other_ids).argmax())
    whole = chances(model, torch.tensor([ids]), watched).item()
    patched = patch_map(model, torch.tensor(ids), torch.tensor(other_ids), watched)  # (L, T)
    layer, place = divmod(int((patched - whole).abs().argmax()), len(ids))
    numbers |= {"layer": layer, "place": place, "whole": whole, "patched": patched[layer, place].item()}
numbers
