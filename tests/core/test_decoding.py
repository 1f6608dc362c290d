"""The fast step is the model's own forward pass; fewer digits in the weights change the logits a little."""

from dataclasses import replace

import pytest
import torch

from core import wide
from core.config import TINY, GPTConfig
from core.decoding import Decoder, suits
from core.gpt import build_model
from core.kv_cache import KVCache
from core.lora import with_lora
from core.sampling import generate, last_logits

IDS = [3, 1, 4, 1, 5, 9, 2, 6]
PLAIN = [
    TINY,
    replace(TINY, qkv_bias=True, tie_weights=True),
    replace(TINY, position="sinusoidal", activation="relu"),
    replace(TINY, position="rotary"),
    replace(TINY, position="none", scale_scores=False, activation="gelu"),
    replace(TINY, emb_dim=768, n_heads=4, n_layers=1, vocab_size=701),  # large matrices, an odd vocabulary
]
OTHERS = [{"norm": "post"}, {"norm": "none"}, {"residual": False}, {"causal": False}]


def decoded(config: GPTConfig, weights: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Logits after each of IDS but the first, by the decoder and by the model without a cache."""
    model = build_model(config)
    decoder, cache = Decoder(model, weights), KVCache(config)
    last_logits(model, IDS[:1], cache)
    fast = torch.stack([decoder(token, cache) for token in IDS[1:]])
    with torch.inference_mode():
        return fast, model(torch.tensor([IDS]))[0, 1:]


@pytest.mark.parametrize("config", PLAIN, ids=str)
def test_a_row_is_the_row_of_the_whole_forward_pass(config: GPTConfig) -> None:
    fast, readable = decoded(config, "float32")
    torch.testing.assert_close(fast, readable, rtol=0, atol=1e-5)


@pytest.mark.parametrize("config", PLAIN[:2], ids=str)
@pytest.mark.parametrize(("weights", "off"), [("float16", 2e-3), ("bfloat16", 2e-2), ("int8", 5e-2)])
def test_fewer_digits_change_little(config: GPTConfig, weights: str, off: float) -> None:
    fast, readable = decoded(config, weights)
    error = ((fast - readable).norm() / readable.norm()).item()
    assert 0 < error < off


def test_bfloat16_is_read_on_every_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    here, _ = decoded(PLAIN[0], "bfloat16")
    monkeypatch.setattr(wide, "here", lambda: False)
    elsewhere, readable = decoded(PLAIN[0], "bfloat16")
    assert ((here - elsewhere).norm() / readable.norm()).item() < 1e-2


@pytest.mark.parametrize("config", PLAIN, ids=str)
def test_what_is_written_is_the_same_with_and_without_it(config: GPTConfig) -> None:
    model = build_model(config)
    assert list(generate(model, IDS, 12)) == list(generate(model, IDS, 12, use_cache=False))


@pytest.mark.parametrize("other", OTHERS, ids=str)
def test_a_model_that_is_built_otherwise_is_read_as_it_is(other: dict) -> None:
    model = build_model(replace(TINY, **other))
    assert not suits(model)
    with pytest.raises(ValueError, match="plain"):
        Decoder(model)
    assert list(generate(model, IDS, 6)) == list(generate(model, IDS, 6, use_cache=False))


def test_adapters_beside_the_layers_are_not_overlooked() -> None:
    assert not suits(with_lora(build_model(TINY), 2))


def test_weights_that_do_not_exist_are_refused() -> None:
    with pytest.raises(ValueError, match="float32"):
        Decoder(build_model(TINY), "int4")


def test_a_decoder_keeps_the_models_own_weights() -> None:
    model = build_model(TINY)
    decoder, cache = Decoder(model), KVCache(TINY)
    last_logits(model, IDS, cache)
    before = decoder(1, cache)
    cache.length -= 1
    with torch.no_grad():
        model.out_head.weight.mul_(2)
    torch.testing.assert_close(decoder(1, cache), 2 * before)
