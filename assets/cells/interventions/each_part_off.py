import torch

from core.knockouts import PARTS, chances, part_knockouts
from core.sampling import last_logits

interventions_token = ""

favourite = int(last_logits(model, ids).argmax())
watched = (encode(interventions_token)[-8:] or [favourite])[0]
whole = chances(model, torch.tensor([ids]), watched).item()
found = part_knockouts(model, torch.tensor(ids), watched)
without = torch.stack([found[part] for part in PARTS], dim=1)  # (L, 3)
layer, part = divmod(int((without - whole).abs().argmax()), len(PARTS))
numbers = {
    "layer": layer,
    "part": PARTS[part],
    "whole": whole,
    "without": without[layer, part].item(),
}
numbers
