"""One computed sentence for each picture: for screen readers, and for the back row."""

import numpy as np


def looking_at(weights: np.ndarray) -> dict[str, float]:
    """Mean attention (T, T) to the places that heads often have; shares from 0 to 1."""
    if len(weights) < 2:
        return {"itself": float(weights.diagonal().mean()) if len(weights) else 0.0}
    places = {
        "the previous token": float(weights.diagonal(-1).mean()),
        "itself": float(weights.diagonal()[1:].mean()),
        "the first token": float(weights[1:, 0].mean()),
    }
    ahead = float(weights.diagonal(1).mean())  # 0 under a causal mask
    return places | ({"the next token, which it should predict": ahead} if ahead else {})


def head_sentence(weights: np.ndarray, layer: int, head: int) -> str:
    """What a head mostly does with this text, in one sentence."""
    shares = looking_at(weights)
    place, share = max(shares.items(), key=lambda item: item[1])
    if share < 0.4:
        how = "looks at few tokens" if weights.max(axis=-1).mean() > 0.6 else "spreads its attention"
        return f"Layer {layer}, head {head} {how}: no fixed place gets more than {share:.0%}."
    return f"Layer {layer}, head {head} looks mostly, {share:.0%}, at {place}."


def entropy(probs: np.ndarray) -> float:
    """How undecided a distribution (V,) is, in bits: 0 = certain, log2(V) = anything goes."""
    probs = probs[probs > 0]
    return float(-(probs * np.log2(probs)).sum())
