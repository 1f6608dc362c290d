import math

import torch

from core.sampling import generate
from core.written import surprises

sampling_temperature = 1.0
sampling_top_k = 0
sampling_top_p = 1.0
sampling_b_temperature = 0.0
sampling_b_top_k = 0
sampling_b_top_p = 1.0
sampling_count = 30
sampling_seed = 123

numbers, both = {}, {"bits_a": (sampling_temperature, sampling_top_k, sampling_top_p)}
both["bits_b"] = (sampling_b_temperature, sampling_b_top_k, sampling_b_top_p)
for name, (temperature, top_k, top_p) in both.items():
    dice = torch.Generator().manual_seed(sampling_seed)
    how = {"temperature": temperature, "top_k": top_k or None, "top_p": top_p, "generator": dice}
    text = ids + list(generate(model, ids, sampling_count, tap=tap, **how))
    nats = surprises(model, text, len(ids), tap=tap, at_once=False)
    numbers[name] = nats.mean().item() / math.log(2)
numbers
