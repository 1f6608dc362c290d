import math

import torch

from core.lens import losses_along, read_out
from core.trace import Trace, chain

logits_read = "end"
logits_candidate = 0

trace = Trace()
with torch.inference_mode():
    vectors = model.final_vectors(torch.tensor([ids]), chain(tap, trace))[0]  # (T, C)
    stream = [trace["embedded"], *trace.stacked("resid_out")]
    depth = {"embedding": 0, "block": layer + 1, "end": -1}[logits_read]
    first, read, last = (read_out(model, stream[one][0, token]) for one in (0, depth, -1))  # (V,) each
best, following = read.topk(8).indices.tolist(), ids[token + 1 : token + 2]
candidate = following[0] if logits_candidate < 0 and following else best[max(0, logits_candidate)]
numbers = {"first_chance": first.softmax(-1).max().item(), "chance": last.softmax(-1).max().item()}
numbers["logit"] = read[candidate].item()
losses = losses_along(model, vectors[:-1], torch.tensor(ids[1:], dtype=torch.long))[-128:]
if len(losses):
    numbers |= {"loss": losses.mean().item(), "perplexity": math.exp(losses.mean())}
    numbers["worse"] = int((losses > math.log(model.config.vocab_size)).sum())
numbers
