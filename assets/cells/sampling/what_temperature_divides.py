from core.sampling import last_logits, next_token_probs
from core.temperature import divided_probs, kept_by_top_p, renormalised

sampling_temperature = 1.0
sampling_top_p = 1.0

temperature = sampling_temperature or 0.05  # nothing can be divided by 0
logits = (
    last_logits(model, (ids + written)[-model.config.context_length :], tap=tap).detach().double()
)  # (V,)
own = logits.softmax(-1)
by_logits = next_token_probs(logits, temperature=temperature)
by_probs = renormalised(divided_probs(own, temperature))
after, before = kept_by_top_p(logits, temperature, sampling_top_p if sampling_top_p < 1 else 0.9)
numbers = {
    "moved": (by_logits - own).abs().max().item(),
    "gap": (by_probs - own).abs().max().item(),
    "after": after,
    "before": before,
}
numbers
