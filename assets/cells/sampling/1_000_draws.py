from core.draws import draw_counts, expected_counts
from core.sampling import last_logits, next_token_probs

sampling_temperature = 1.0
sampling_top_k = 0
sampling_top_p = 1.0
sampling_seed = 123
sampling_draws = 1000

logits = last_logits(model, (ids + written)[-model.config.context_length :], tap=tap)  # (V,)
how = {"temperature": sampling_temperature, "top_k": sampling_top_k or None, "top_p": sampling_top_p}
probs = next_token_probs(logits, **how)
counts = draw_counts(probs, sampling_draws, sampling_seed)
expected, deviations = expected_counts(probs, sampling_draws)
best = probs.argmax()
numbers = {
    "came": int(counts[best]),
    "due": expected[best].item(),
    "deviation": deviations[best].item(),
    "different": int((counts > 0).sum()),
    "possible": int((probs > 0).sum()),
}
numbers
