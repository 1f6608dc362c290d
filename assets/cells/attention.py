from dataclasses import replace

import torch

from core.gpt import with_switches
from core.trace import Trace, chain

attention_causal = model.config.causal
attention_scaled = model.config.scale_scores

trace = Trace()
switched = with_switches(model, replace(model.config, causal=attention_causal, scale_scores=attention_scaled))
with torch.inference_mode():
    switched(torch.tensor([ids]), tap=chain(tap, trace))
weights = trace[f"blocks.{layer}.attn.weights"][0, head]  # (T, T)
numbers = {
    "row_sum": weights[token].sum().item(),
    "seen": int((weights[token] > 0).sum()),
    "head_dim": model.config.head_dim,
}
numbers
