import torch

from core.layers import layer_norm
from core.trace import Trace, chain

layer_norm_place = "norm1"
layer_norm_eps = 1e-05

trace = Trace()
with torch.inference_mode():
    model.final_vectors(torch.tensor([ids]), chain(tap, trace))
places = {"norm1": "resid_in", "norm2": "resid_mid", "final_norm": "resid_out"}
x = trace.stacked(places[layer_norm_place])[-1 if layer_norm_place == "final_norm" else layer, 0]  # (T, C)
if model.config.norm == "post" and layer_norm_place != "final_norm":  # there it reads the sum
    before, added = {"norm1": ("resid_in", "attn.out"), "norm2": ("norm1", "ffn.out")}[layer_norm_place]
    x = model.config.residual * trace.stacked(before)[layer, 0] + trace.stacked(added)[layer, 0]
variances = x.var(dim=-1, unbiased=False)  # (T,)
normed = layer_norm(x, torch.ones(x.shape[-1]), torch.zeros(x.shape[-1]), layer_norm_eps)
numbers = {
    "variance": variances[token].item(),
    "out_variance": normed[token].var(unbiased=False).item(),
    "low": variances.min().item(),
    "high": variances.max().item(),
}
numbers
