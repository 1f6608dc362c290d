import torch

from core.knockouts import chances, head_knockouts
from core.sampling import last_logits

interventions_token = ""
interventions_mean = False

favourite = int(last_logits(model, ids).argmax())
watched = (encode(interventions_token)[-8:] or [favourite])[0]
whole = chances(model, torch.tensor([ids]), watched).item()
leaving = "mean" if interventions_mean else "zero"
without = head_knockouts(model, torch.tensor(ids), watched, leaving)  # (L, H)
change = without - whole
layer, head = divmod(int(change.abs().argmax()), model.config.n_heads)
numbers = {
    "layer": layer,
    "head": head,
    "whole": whole,
    "without": without[layer, head].item(),
    "quiet": int((change.abs() < 0.01).sum()),
}
numbers
