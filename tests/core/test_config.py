import math
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
from hypothesis import given
from strategies import configs

from core import config as configs_module
from core.config import GPT2_LARGE, GPT2_MEDIUM, GPT2_SMALL, GPT2_XL, GPTConfig


def test_the_defaults_are_those_of_the_contract() -> None:
    config = GPTConfig()
    sizes = (config.vocab_size, config.context_length, config.emb_dim, config.n_heads, config.n_layers)
    assert sizes == (50257, 256, 128, 4, 4)
    assert (config.drop_rate, config.qkv_bias, config.tie_weights) == (0.1, False, False)
    assert (config.causal, config.scale_scores, config.residual) == (True, True, True)
    assert (config.position, config.norm, config.activation) == ("learned", "pre", "gelu_tanh")
    assert (config.norm_eps, config.ffn_width, config.hidden_dim) == (1e-5, None, 512)


@pytest.mark.parametrize(
    ("preset", "sizes"),
    [
        (GPT2_SMALL, (768, 12, 12)),
        (GPT2_MEDIUM, (1024, 16, 24)),
        (GPT2_LARGE, (1280, 20, 36)),
        (GPT2_XL, (1600, 25, 48)),
    ],
)
def test_gpt2_presets_are_the_books(preset: GPTConfig, sizes: tuple[int, int, int]) -> None:
    assert (preset.emb_dim, preset.n_heads, preset.n_layers) == sizes
    assert (preset.vocab_size, preset.context_length) == (50257, 1024)
    assert not preset.qkv_bias
    assert not preset.tie_weights


@given(configs())
def test_a_config_is_a_cache_key(config: GPTConfig) -> None:
    assert hash(config) == hash(replace(config))
    assert config == replace(config)
    assert config.head_dim * config.n_heads == config.emb_dim


def test_a_config_cannot_be_changed_or_given_by_position() -> None:
    with pytest.raises(FrozenInstanceError):
        GPTConfig().emb_dim = 3  # type: ignore[misc]
    with pytest.raises(TypeError):
        GPTConfig(100)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        ({"vocab_size": 0}, "vocab_size is 0: it must be a whole number of at least 1"),
        ({"context_length": -1}, "context_length is -1"),
        ({"n_layers": 2.0}, "n_layers is 2.0"),
        ({"n_heads": True}, "n_heads is True"),
        ({"emb_dim": "16"}, "emb_dim is '16'"),
        ({"drop_rate": 1.0}, "at least 0 and below 1"),
        ({"ffn_width": 0}, "ffn_width is 0: it must be a whole number of at least 1"),
        ({"norm_eps": 0.0}, "norm_eps is 0.0: it must be a number above 0"),
        ({"norm_eps": math.nan}, "norm_eps is nan"),
        ({"norm_eps": "1e-5"}, "norm_eps is '1e-5'"),
        ({"drop_rate": -0.1}, "at least 0 and below 1"),
        ({"drop_rate": math.nan}, "at least 0 and below 1"),
        ({"position": "absolute"}, "learned, sinusoidal, rotary, none"),
        ({"norm": "rms"}, "pre, post, none"),
        ({"activation": "tanh"}, "gelu, gelu_tanh, relu, silu"),
        ({"position": "rotary", "emb_dim": 9, "n_heads": 3}, "head_dim 3 must be even"),
    ],
)
def test_what_cannot_be_built_is_refused_with_the_rule(wrong: dict, rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        GPTConfig(**wrong)


def test_whole_numbers_start_where_they_are_told() -> None:
    configs_module.check_whole_number("steps", 0, at_least=0)
    with pytest.raises(ValueError, match="at least 3"):
        configs_module.check_whole_number("steps", 2, at_least=3)


def test_numpys_integers_become_pythons() -> None:
    config = GPTConfig(vocab_size=np.int64(50), emb_dim=np.int32(16), n_heads=np.uint8(2))
    assert config == GPTConfig(vocab_size=50, emb_dim=16, n_heads=2)
    assert type(config.vocab_size) is type(config.emb_dim) is type(config.n_heads) is int
