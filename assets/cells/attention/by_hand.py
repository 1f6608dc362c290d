from core.by_hand import INPUTS, WORDS, attend, even_projections, linear_projections

attention_word = "journey"

row = WORDS.index(attention_word)
plain = attend(INPUTS)
learned = attend(INPUTS, even_projections())
causal = attend(INPUTS, linear_projections(789)[0], causal=True, drop_rate=0.5)
best = int(plain.scores[row].argmax())
numbers = {
    "best": WORDS[best],
    "score": plain.scores[row, best].item(),
    "plain": plain.weights[row, best].item(),
    "learned": learned.weights[row, best].item(),
    "kept": causal.dropped[row].sum().item(),
}
numbers
