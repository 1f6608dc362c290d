import torch

from core.embeddings import swapped
from core.trace import Trace, chain

embeddings_first = "1"
embeddings_second = "4"

first, second = (min(int(place.split()[0]), len(ids) - 1) for place in (embeddings_first, embeddings_second))
rows, expected = {}, {}
for place, text in ((first, ids), (second, swapped(tuple(ids), first, second))):
    trace = Trace()
    with torch.inference_mode():
        expected[text == ids] = model(torch.tensor([text]), chain(tap, trace))[0, -1].softmax(-1)  # (V,)
    keys = trace["blocks.0.attn.keys"][0, head]  # a rotary model turns these by their place
    rows[text == ids] = (keys if model.config.position == "rotary" else trace["embedded"][0])[place]
numbers = {
    "moved": (expected[True] - expected[False]).abs().sum().item() / 2,
    "length": (rows[False] - rows[True]).norm().item(),
    "first_length": rows[True].norm().item(),
    "second_length": rows[False].norm().item(),
}
numbers
