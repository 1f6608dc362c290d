import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from strategies import SEEDS

from core.sampling import next_token_probs
from core.temperature import cooled_then_cut, cut_then_cooled, divided_probs, kept_by_top_p, renormalised

TEMPERATURES = st.floats(0.05, 5)


def some_logits(seed: int, size: int = 40) -> torch.Tensor:
    return 3 * torch.randn(size, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@given(SEEDS, TEMPERATURES)
def test_dividing_probabilities_changes_nothing_after_renormalising(seed: int, temperature: float) -> None:
    probs = some_logits(seed).softmax(-1)
    divided = divided_probs(probs, temperature)
    assert divided.sum().item() == pytest.approx(1 / temperature)
    torch.testing.assert_close(renormalised(divided), probs, atol=1e-12, rtol=0)


def test_dividing_logits_changes_much() -> None:
    logits = some_logits(1)
    assert (next_token_probs(logits, temperature=2) - logits.softmax(-1)).abs().max() > 0.05


@given(SEEDS, TEMPERATURES, st.integers(1, 50))
def test_top_k_and_temperature_commute(seed: int, temperature: float, k: int) -> None:
    logits = some_logits(seed)
    one, other = cut_then_cooled(logits, temperature, k), cooled_then_cut(logits, temperature, k)
    torch.testing.assert_close(one, other, atol=1e-12, rtol=0)
    torch.testing.assert_close(one, next_token_probs(logits, temperature=temperature, top_k=k))


@given(SEEDS, st.floats(0.1, 0.95))
def test_top_p_and_temperature_do_not(seed: int, p: float) -> None:
    logits = some_logits(seed)
    hot, own = kept_by_top_p(logits, 3.0, p)
    cold, _ = kept_by_top_p(logits, 0.3, p)
    assert cold <= own <= hot
    assert kept_by_top_p(logits, 1.0, p) == (own, own)


def test_some_order_matters_for_top_p() -> None:
    hot, own = kept_by_top_p(some_logits(2), 3.0, 0.9)
    assert hot > own


@pytest.mark.parametrize("temperature", [0, -1, float("nan")])
def test_only_a_number_above_0_divides(temperature: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        divided_probs(torch.ones(2) / 2, temperature)
