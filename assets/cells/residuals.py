import torch

from core.gradients import deep_network_gradients
from core.trace import Trace, chain

plain, shortcut = (deep_network_gradients([3, 3, 3, 3, 3, 1], shortcut=on) for on in (False, True))
numbers = {
    "book_plain": plain[0],
    "book_shortcut": shortcut[0],
    "book_gain": shortcut[0] / plain[0],
    "book_fair": (shortcut[0] / shortcut[-1]) / (plain[0] / plain[-1]),
}
if ids:
    trace = Trace()
    with torch.inference_mode():
        model.final_vectors(torch.tensor([ids]), chain(tap, trace))
    ends = {"stream_first": trace.stacked("resid_in")[0], "stream_last": trace.stacked("resid_out")[-1]}
    numbers |= {name: x.double().square().mean().sqrt().item() for name, x in ends.items()}
numbers
