from core.sampling import last_logits, next_token_probs

sampling_temperature = 1.0
sampling_top_k = 0
sampling_top_p = 1.0


def bits(probs):  # how open a choice is
    probs = probs[probs > 0]
    return abs((probs * probs.log2()).sum().item())


logits = last_logits(model, (ids + written)[-model.config.context_length :], tap=tap)  # (V,)
own = next_token_probs(logits)
how = {"temperature": sampling_temperature, "top_k": sampling_top_k or None, "top_p": sampling_top_p}
drawn = next_token_probs(logits, **how)
best = own.argmax()
numbers = {
    "own": own[best].item(),
    "drawn": drawn[best].item(),
    "own_bits": bits(own),
    "drawn_bits": bits(drawn),
    "kept": int((drawn > 0).sum()),
}
numbers
