from dataclasses import replace

import torch

from core.attention import tempered
from core.gpt import with_switches
from core.trace import Trace, chain

attention_causal = True
attention_scaled = True
attention_temperature = 1.0

causal, scaled = attention_causal and model.config.causal, attention_scaled and model.config.scale_scores
switched = with_switches(model, replace(model.config, causal=causal, scale_scores=scaled))
trace = Trace()
with torch.inference_mode():
    switched(torch.tensor([ids]), chain(tempered(attention_temperature), tap, trace))
weights = trace[f"blocks.{layer}.attn.weights"][0, head]  # (T, T)
masked = trace[f"blocks.{layer}.attn.masked"][0, head]  # (T, T)
numbers = {
    "row_sum": weights[token].sum().item(),
    "seen": int((masked[token] > -torch.inf).sum()),
    "head_dim": model.config.head_dim,
}
numbers
