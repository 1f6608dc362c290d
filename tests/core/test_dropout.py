import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from strategies import SEEDS, assert_near

from core.dropout import kept_sums, running_mean


@given(st.integers(1, 8), st.sampled_from([0.0, 0.1, 0.5, 0.9]), SEEDS)
def test_both_ways_drop_the_same_and_differ_by_one_minus_p(tokens: int, rate: float, seed: int):
    row = torch.full((tokens,), 1 / tokens)
    scaled, plain = (kept_sums(row, rate, 50, scaled=one, seed=seed) for one in (True, False))
    assert_near(scaled * (1 - rate), plain)
    assert (plain <= 1 + 1e-5).all()
    if rate == 0:
        assert_near(plain, torch.ones(50))


def test_divided_the_mean_is_kept_and_otherwise_it_falls_to_what_stays():
    row = torch.tensor([0.5, 0.25, 0.125, 0.125])
    assert kept_sums(row, 0.5, 20_000).mean().item() == pytest.approx(1, abs=0.02)
    assert kept_sums(row, 0.2, 20_000, scaled=False).mean().item() == pytest.approx(0.8, abs=0.02)


def test_nobody_elses_randomness_is_touched_and_a_rate_that_leaves_nothing_is_refused():
    torch.manual_seed(5)
    before = torch.rand(3)
    torch.manual_seed(5)
    kept_sums(torch.ones(3), 0.5, 9)
    assert torch.equal(torch.rand(3), before)
    for rate in (1.0, -0.1, float("nan")):
        with pytest.raises(ValueError, match="below 1"):
            kept_sums(torch.ones(3), rate, 9)


def test_the_running_mean_ends_at_the_mean():
    assert_near(running_mean(torch.tensor([2.0, 4.0, 0.0])), torch.tensor([2.0, 3.0, 2.0]).double())
