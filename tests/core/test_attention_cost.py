from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import configs

from core.anatomy import forward_flops
from core.attention_cost import crossover, weight_bytes, work
from core.config import GPT2_SMALL, GPTConfig


def test_gpt2_small_keeps_576_mib_of_attention_weights():
    assert weight_bytes(GPT2_SMALL, 1024) == 12 * 12 * 1024**2 * 4 == 576 * 2**20


@given(configs(), st.integers(1, 5000))
def test_twice_the_text_is_four_times_the_attention_and_twice_the_rest(config: GPTConfig, tokens: int):
    once, twice = work(config, tokens), work(config, 2 * tokens)
    assert twice.attention == 4 * once.attention
    assert twice.rest == 2 * once.rest
    assert weight_bytes(config, 2 * tokens) == 4 * weight_bytes(config, tokens)
    assert 0 < once.share < twice.share < 1


@given(configs(), st.integers(1, 5000))
def test_it_is_the_work_that_anatomy_counts(config: GPTConfig, tokens: int):
    found = work(config, tokens)
    assert 2 * (found.attention + found.rest) == forward_flops(config, 1, tokens)


@given(configs())
def test_they_cost_the_same_at_the_crossover(config: GPTConfig):
    tokens = crossover(config)
    attention = 2 * config.n_layers * tokens**2 * config.emb_dim
    rest = tokens * work(config, 1).rest
    assert attention == pytest.approx(rest)
    assert work(config, int(tokens)).share <= 0.5 <= work(config, int(tokens) + 1).share


def test_gpt2_small_crosses_over_at_6_702_tokens_and_heads_change_nothing():
    assert round(crossover(GPT2_SMALL)) == 6702
    assert work(GPT2_SMALL, 100) == work(replace(GPT2_SMALL, n_heads=1), 100)
