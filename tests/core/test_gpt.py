from dataclasses import replace

import pytest
import torch
from hypothesis import given
from llms_from_scratch.ch04 import GPTModel as BookGPT
from strategies import SEEDS, configs, lively, random_ids

from core.config import GPT2_LARGE, GPT2_MEDIUM, GPT2_SMALL, GPT2_XL, TINY, GPTConfig
from core.gpt import GPTModel, build_model, parameter_count
from core.kv_cache import KVCache
from core.trace import Trace
from core.weights import from_book_state


def test_without_the_mask_the_past_sees_the_future() -> None:
    model, ids = lively(replace(TINY, causal=False)), random_ids(TINY, 6)
    changed = ids.clone()
    changed[0, 5] = (ids[0, 5] + 1) % TINY.vocab_size
    assert (model(ids) != model(changed)).any(dim=-1).all()


@pytest.mark.parametrize(
    ("preset", "untied", "tied"),
    [
        (GPT2_SMALL, 163_009_536, 124_412_160),
        (GPT2_MEDIUM, 406_212_608, 354_749_440),
        (GPT2_LARGE, 838_220_800, 773_891_840),
        (GPT2_XL, 1_637_792_000, 1_557_380_800),
    ],
)
def test_the_four_gpt2_sizes(preset: GPTConfig, untied: int, tied: int) -> None:
    with torch.device("meta"):
        assert sum(p.numel() for p in GPTModel(preset).parameters()) == untied
    assert parameter_count(preset) == untied
    assert parameter_count(replace(preset, tie_weights=True)) == tied


def test_gpt2_as_published_has_124_439_808() -> None:
    assert parameter_count(replace(GPT2_SMALL, tie_weights=True, qkv_bias=True)) == 124_439_808


@given(configs(), SEEDS)
def test_the_seed_alone_decides_the_starting_weights(config: GPTConfig, seed: int) -> None:
    torch.manual_seed(seed + 1)
    before = torch.random.get_rng_state()
    one, two = build_model(config, seed), build_model(config, seed)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), two.parameters(), strict=True))
    assert not torch.equal(one.tok_emb.weight, build_model(config, seed + 1).tok_emb.weight)


def test_the_starting_weights_are_gpt2s() -> None:
    model = build_model(GPTConfig(vocab_size=500, emb_dim=128, n_heads=4, n_layers=8))
    block = model.trf_blocks[3]
    for weight in (
        model.tok_emb.weight,
        model.pos_emb.weight,
        block.att.W_key.weight,
        block.ff.layers[0].weight,
    ):
        assert weight.std().item() == pytest.approx(0.02, rel=0.05)
    for weight in (block.att.out_proj.weight, block.ff.layers[2].weight):
        assert weight.std().item() == pytest.approx(0.02 / 4, rel=0.05)  # sqrt(2 x 8 blocks) = 4
    assert not block.att.out_proj.bias.any()


@pytest.mark.parametrize("qkv_bias", [False, True])
def test_logits_are_the_books(qkv_bias: bool) -> None:
    book_config = {
        "vocab_size": 60,
        "context_length": 16,
        "emb_dim": 24,
        "n_heads": 3,
        "n_layers": 3,
        "drop_rate": 0.0,
        "qkv_bias": qkv_bias,
    }
    torch.manual_seed(1)
    book = BookGPT(book_config).eval()
    ours = from_book_state(GPTConfig(**book_config), book.state_dict())
    ids = random_ids(ours.config, 16, 2)
    torch.testing.assert_close(ours(ids), book(ids), atol=1e-5, rtol=0)
    torch.testing.assert_close(ours(ids, Trace()), book(ids), atol=1e-5, rtol=0)


def test_the_positions_matter_unless_there_are_none() -> None:
    ids = torch.tensor([[3, 3, 3, 3]])
    for position in ("learned", "sinusoidal", "rotary", "none"):
        trace = Trace()
        logits = lively(replace(TINY, position=position))(ids, trace)
        same = torch.allclose(logits[0, 0], logits[0, 3], atol=1e-5)
        # Rotary positions turn queries and keys alone; equal tokens have equal values, so nothing shows.
        assert same == (position in ("none", "rotary"))
        assert bool(trace["pos_emb"].any()) == (position in ("learned", "sinusoidal"))


def test_rotary_positions_tell_orders_apart() -> None:
    one, two = torch.tensor([[3, 5, 7]]), torch.tensor([[5, 3, 7]])
    for position, same in (("rotary", False), ("none", True)):
        model = lively(replace(TINY, position=position, n_layers=1))
        assert torch.allclose(model(one)[0, -1], model(two)[0, -1], atol=1e-4) == same


def test_a_full_cache_is_refused(tiny_model: GPTModel) -> None:
    cache = KVCache(TINY)
    tiny_model(random_ids(TINY, 32), cache=cache)
    with pytest.raises(ValueError, match="33 tokens are more than context_length 32"):
        tiny_model(random_ids(TINY, 1), cache=cache)
