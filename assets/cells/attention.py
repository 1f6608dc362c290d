from dataclasses import replace

import torch

from core.attention import tempered
from core.gpt import with_switches
from core.sampling import last_logits
from core.trace import Trace, chain

attention_causal = True
attention_scaled = True
attention_temperature = 1.0

causal, scaled = attention_causal and model.config.causal, attention_scaled and model.config.scale_scores
switched = with_switches(model, replace(model.config, causal=causal, scale_scores=scaled))
trace = Trace()
with torch.inference_mode():
    before = last_logits(model, ids).softmax(-1)  # (V,)
    after = last_logits(switched, ids, tap=chain(tempered(attention_temperature), tap, trace)).softmax(-1)
weights = trace[f"blocks.{layer}.attn.weights"][0, head]  # (T, T)
numbers = {
    "row_sum": weights[token].sum().item(),
    "moved": (after - before).abs().sum().item() / 2,
}
numbers
