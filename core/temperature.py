"""What temperature divides, and in which order: two things that are easily mixed up, tried out."""

from torch import Tensor

from core.sampling import keep_top_k, keep_top_p, next_token_probs


def divided_probs(probs: Tensor, temperature: float) -> Tensor:
    """Probabilities divided by a temperature: they no longer add up to 1, but to 1 / temperature."""
    if not temperature > 0:
        raise ValueError(f"temperature is {temperature}: only a number above 0 can divide")
    return probs / temperature


def renormalised(probs: Tensor) -> Tensor:
    """Shares of the whole, which add up to 1 again. Whatever all were divided by is gone."""
    return probs / probs.sum()


def cut_then_cooled(logits: Tensor, temperature: float, k: int) -> Tensor:
    """Top-k first, then the temperature: (V,) -> (V,) probabilities."""
    return (keep_top_k(logits.double(), k) / temperature).softmax(-1)


def cooled_then_cut(logits: Tensor, temperature: float, k: int) -> Tensor:
    """The temperature first, then top-k: (V,) -> (V,) probabilities. A division keeps the order."""
    return keep_top_k(logits.double() / temperature, k).softmax(-1)


def kept_by_top_p(logits: Tensor, temperature: float, p: float) -> tuple[int, int]:
    """How many tokens top-p keeps of the tempered probabilities, and how many of the model's own.

    Top-p looks at probabilities, which the temperature changes: here the order matters.
    """
    tempered = next_token_probs(logits, temperature=temperature, top_p=p)
    own = keep_top_p(logits.double().softmax(-1), p)
    return int((tempered > 0).sum()), int((own > 0).sum())
