import torch

from core.activations import largest_gap, lowest_point, unit_facts
from core.layers import gelu, gelu_tanh
from core.trace import Trace, chain

trace = Trace()
with torch.inference_mode():
    model(torch.tensor([ids]), chain(tap, trace))
hidden = trace[f"blocks.{layer}.ffn.hidden"][0]  # (T, 4C)
facts = unit_facts(hidden, gelu)
lowest_x, lowest_y = lowest_point(gelu)
numbers = {
    "lowest_x": lowest_x,
    "lowest_y": lowest_y,
    "gap": largest_gap(gelu, gelu_tanh),
    "below": facts.below,
    "units": facts.units,
    "resting": facts.resting,
    "gelu_slope": facts.resting_slope,
}
numbers
