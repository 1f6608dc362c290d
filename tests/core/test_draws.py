import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from strategies import SEEDS

from core.draws import draw_counts, expected_counts, fit_of, generator_after

SIZES = st.integers(2, 30)


def some_probs(size: int, seed: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return (2 * torch.randn(size, generator=generator)).softmax(-1)


@given(SIZES, SEEDS, st.integers(0, 8))
def test_dice_that_lie_as_after_some_draws_go_on_as_if_never_put_down(size: int, seed: int, n: int) -> None:
    whole = torch.Generator().manual_seed(seed)
    tables = [some_probs(size, seed + i) for i in range(n + 3)]
    at_once = [int(torch.multinomial(table, 1, generator=whole)) for table in tables]
    later = generator_after(seed, n, size)
    assert [int(torch.multinomial(table, 1, generator=later)) for table in tables[n:]] == at_once[n:]


@given(SIZES, SEEDS, st.sampled_from((1, 100, 1000)))
def test_counts_are_counts_and_the_same_for_the_same_seed(size: int, seed: int, count: int) -> None:
    probs = some_probs(size, seed)
    probs[0] = 0.0
    probs /= probs.sum()
    counts = draw_counts(probs, count, seed)
    assert counts.sum() == count
    assert counts[0] == 0
    assert torch.equal(counts, draw_counts(probs, count, seed))


@given(SIZES, SEEDS)
def test_what_is_expected_is_the_binomials(size: int, seed: int) -> None:
    probs = some_probs(size, seed)
    mean, deviation = expected_counts(probs, 400)
    assert mean.sum() == pytest.approx(400, abs=1e-3)
    for p, m, d in zip(probs.tolist(), mean.tolist(), deviation.tolist(), strict=True):
        assert m == pytest.approx(400 * p)
        assert d == pytest.approx(math.sqrt(400 * p * (1 - p)))


def test_fair_draws_agree_with_theory_and_others_do_not() -> None:
    probs, other = some_probs(20, 1), some_probs(20, 2)
    chances = [fit_of(draw_counts(probs, 2000, seed), probs).chance for seed in range(100)]
    assert 0.35 < sum(chances) / 100 < 0.65  # evenly between 0 and 1
    found = [fit_of(draw_counts(probs, 2000, seed), probs) for seed in range(100)]
    assert 0.9 < sum(fit.within for fit in found) / sum(fit.compared for fit in found) < 0.99
    assert fit_of(draw_counts(other, 2000, 0), probs).chance < 1e-6


def test_pearsons_number_of_a_known_table() -> None:
    fit = fit_of(torch.tensor([5, 8, 9, 8, 10, 20]), torch.full((6,), 1 / 6))  # a die, thrown 60 times
    assert fit.chi_square == pytest.approx(13.4, abs=1e-4)
    assert fit.freedom == 5
    assert fit.chance == pytest.approx(0.0199, abs=1e-4)
    assert (fit.within, fit.compared) == (5, 6)


def test_rare_tokens_count_together() -> None:
    probs = torch.tensor([0.9, *[0.01] * 10])
    fit = fit_of(torch.tensor([90, *[1] * 10]), probs)
    assert (fit.compared, fit.freedom) == (1, 1)
    assert fit.chi_square == pytest.approx(0, abs=1e-6)


def test_one_token_alone_always_agrees() -> None:
    fit = fit_of(torch.tensor([0, 1000]), torch.tensor([0.0, 1.0]))
    assert (fit.within, fit.compared, fit.freedom, fit.chance) == (1, 1, 0, 1.0)
