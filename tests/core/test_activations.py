import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from strategies import SEEDS, assert_near

from core.activations import largest_gap, liveliest, lowest_point, slope, unit_facts, value_and_slope
from core.config import ACTIVATIONS
from core.layers import ACTIVATION_FUNCTIONS, gelu, gelu_tanh, relu, silu


def random_hidden(tokens: int, units: int, seed: int) -> torch.Tensor:
    return torch.randn(tokens, units, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("name", ACTIVATIONS)
@given(st.floats(-5, 5).filter(lambda x: abs(x) > 1e-3))
def test_the_slope_is_the_difference_quotient(name: str, x: float) -> None:
    function = ACTIVATION_FUNCTIONS[name]
    step = 1e-4
    left, middle, right = torch.tensor([x - step, x, x + step], dtype=torch.float64)
    expected = (function(right) - function(left)) / (2 * step)
    assert slope(function, middle).item() == pytest.approx(expected.item(), abs=1e-5)


def test_the_slope_of_gelu_is_its_formula() -> None:
    x = torch.linspace(-5, 5, 101, dtype=torch.float64)
    below = 0.5 * (1 + torch.erf(x / math.sqrt(2)))
    density = torch.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)
    assert_near(slope(gelu, x), below + x * density, 1e-12)


def test_the_slope_can_be_asked_of_numbers_seen_in_inference_mode() -> None:
    with torch.inference_mode():
        x = torch.tensor([-1.0, 2.0]) * 1
    assert slope(relu, torch.tensor(x.numpy())).tolist() == [0.0, 1.0]


def test_the_kink_of_relu_has_no_slope_but_libraries_agree_on_one() -> None:
    zero = torch.zeros(1)
    assert slope(relu, zero).item() == 1.0  # clamp
    assert slope(torch.relu, zero).item() == 0.0


def test_lowest_points() -> None:
    assert lowest_point(gelu) == pytest.approx((-0.7517916, -0.1699712), abs=1e-6)
    assert lowest_point(silu) == pytest.approx((-1.2784645, -0.2784645), abs=1e-6)
    x, value = lowest_point(gelu_tanh)
    assert value == pytest.approx(gelu_tanh(torch.linspace(-3, 0, 30_001, dtype=torch.float64)).min().item())
    assert slope(gelu_tanh, torch.tensor(x, dtype=torch.float64)).item() == pytest.approx(0, abs=1e-12)


def test_the_two_gelus_differ_by_less_than_half_a_thousandth() -> None:
    assert 4.7e-4 < largest_gap(gelu, gelu_tanh) < 4.75e-4
    assert largest_gap(gelu, gelu) == 0


def test_value_and_slope_of_one_number() -> None:
    assert value_and_slope(relu, -1.0) == (0.0, 0.0)
    assert value_and_slope(relu, 2) == (2.0, 1.0)


@given(st.integers(1, 12), st.integers(1, 30), SEEDS)
def test_resting_units_are_below_zero_for_every_token(tokens: int, units: int, seed: int) -> None:
    hidden = random_hidden(tokens, units, seed)
    facts = unit_facts(hidden, relu)
    assert facts.resting == sum(all(value < 0 for value in unit) for unit in hidden.T.tolist())
    assert facts.below == pytest.approx((hidden < 0).sum().item() / hidden.numel())
    assert facts.units == units
    assert facts.resting_slope == 0  # ReLU passes nothing
    assert (unit_facts(hidden, gelu).resting_slope > 0) == (facts.resting > 0)


@given(st.integers(1, 12), st.integers(1, 30), st.integers(1, 40), SEEDS)
def test_the_liveliest_units_come_first(tokens: int, units: int, k: int, seed: int) -> None:
    hidden = random_hidden(tokens, units, seed)
    found = liveliest(hidden, k).tolist()
    assert len(set(found)) == len(found) == min(k, units)
    spread = hidden.var(dim=0, unbiased=False) if tokens > 1 else hidden[0].abs()
    assert spread[found].tolist() == sorted(spread.tolist(), reverse=True)[:k]
