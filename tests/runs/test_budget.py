from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.anatomy import activation_count, training_flops
from core.config import CLASSROOM, GPT2_SMALL, TINY, GPTConfig
from core.gpt import GPTModel
from core.training import TrainConfig
from runs.budget import BudgetError, check_budget
from tests.core.strategies import configs


@given(configs(), st.integers(1, 64))
def test_small_models_and_runs_fit(config: GPTConfig, batch_size: int) -> None:
    check_budget(config)
    check_budget(config, TrainConfig(steps=100), batch_size)


def test_what_the_pages_offer_fits() -> None:
    check_budget(GPT2_SMALL)
    check_budget(CLASSROOM, TrainConfig(steps=2000), 16)


def test_a_run_needs_more_than_its_model() -> None:
    with pytest.raises(BudgetError, match="activations"):
        check_budget(GPT2_SMALL, TrainConfig(steps=1), 1)
    with pytest.raises(BudgetError, match="activations"):
        check_budget(TINY, TrainConfig(steps=1), 10**6)
    with pytest.raises(BudgetError, match="fewer steps"):
        check_budget(CLASSROOM, TrainConfig(steps=10**7), 16)


def test_a_budget_error_is_a_value_error() -> None:
    assert issubclass(BudgetError, ValueError)


def flops_of(config: GPTConfig, train: TrainConfig, batch_size: int) -> float:
    return training_flops(config, train.steps * batch_size * config.context_length)


@given(configs(), st.integers(1, 16))
def test_more_of_anything_costs_more(config: GPTConfig, batch_size: int) -> None:
    train = TrainConfig(steps=10)
    cost = flops_of(config, train, batch_size), activation_count(config, batch_size)
    for larger in (
        replace(config, n_layers=config.n_layers + 1),
        replace(config, context_length=config.context_length + 1),
        replace(config, vocab_size=config.vocab_size + 1),
    ):
        assert flops_of(larger, train, batch_size) > cost[0]
        assert activation_count(larger, batch_size) > cost[1]
    assert flops_of(config, replace(train, steps=20), batch_size) == pytest.approx(2 * cost[0])


def test_the_weights_counted_are_those_that_multiply() -> None:
    config = replace(TINY, norm="none", position="none")
    matrices = sum(p.numel() for p in GPTModel(config).parameters() if p.ndim == 2)
    matrices -= config.vocab_size * config.emb_dim  # looking a token up is no multiplication
    attention = 2 * config.n_layers * config.context_length * config.emb_dim
    flops = flops_of(config, TrainConfig(steps=1), 1) / config.context_length
    assert flops == pytest.approx(6 * (matrices + attention))
