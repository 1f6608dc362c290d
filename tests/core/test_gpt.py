import itertools
import math
from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from llms_from_scratch.ch04 import GPTModel as BookGPT
from strategies import SEEDS, assert_near, configs, lively, random_ids

from core.config import GPT2_LARGE, GPT2_MEDIUM, GPT2_SMALL, GPT2_XL, TINY, GPTConfig
from core.gpt import GPTModel, build_model, parameter_count
from core.kv_cache import KVCache
from core.trace import Trace
from core.training import next_token_loss
from core.weights import from_book_state


@given(configs(causal=True), st.data(), SEEDS)
def test_no_token_sees_the_future(config: GPTConfig, data: st.DataObject, seed: int) -> None:
    model, ids = lively(config, seed), random_ids(config, config.context_length, seed=seed)
    t = data.draw(st.integers(0, config.context_length - 1))
    changed = ids.clone()
    changed[0, t] = (ids[0, t] + 1) % config.vocab_size
    for tap in ({}, {"tap": Trace()}):
        assert torch.equal(model(ids, **tap)[:, :t], model(changed, **tap)[:, :t])


@given(st.integers(0, TINY.context_length - 1), SEEDS)
def test_every_token_is_seen_from_itself_on(t: int, seed: int) -> None:
    model, ids = lively(TINY, seed), random_ids(TINY, TINY.context_length, seed=seed)
    changed = ids.clone()
    changed[0, t] = (ids[0, t] + 1) % TINY.vocab_size
    moved = (model(ids) != model(changed)).any(dim=-1)[0]
    assert moved.tolist() == [i >= t for i in range(TINY.context_length)]


def test_without_the_mask_the_past_sees_the_future() -> None:
    model, ids = lively(replace(TINY, causal=False)), random_ids(TINY, 6)
    changed = ids.clone()
    changed[0, 5] = (ids[0, 5] + 1) % TINY.vocab_size
    assert (model(ids) != model(changed)).any(dim=-1).all()


@given(configs(), SEEDS)
def test_watching_changes_nothing(config: GPTConfig, seed: int) -> None:
    model, ids = lively(config, seed), random_ids(config, config.context_length, 2, seed)
    assert_near(model(ids, Trace()), model(ids))


@given(configs(causal=True), st.data(), SEEDS)
def test_the_cache_equals_the_full_forward(config: GPTConfig, data: st.DataObject, seed: int) -> None:
    n_tokens = data.draw(st.integers(1, config.context_length))
    cuts = sorted({0, n_tokens, *data.draw(st.lists(st.integers(0, n_tokens), max_size=4))})
    model, ids = lively(config, seed), random_ids(config, n_tokens, 2, seed)
    cache = KVCache(config, batch_size=2)
    parts = [model(ids[:, a:b], cache=cache) for a, b in itertools.pairwise(cuts)]
    assert cache.length == n_tokens
    assert_near(torch.cat(parts, dim=1), model(ids))


@given(configs(), SEEDS)
def test_a_batch_of_two_is_two_of_one(config: GPTConfig, seed: int) -> None:
    model, ids = lively(config, seed), random_ids(config, config.context_length, 2, seed)
    both = model(ids)
    assert_near(both, torch.cat([model(ids[:1]), model(ids[1:])]))


@given(configs(causal=True), st.data(), SEEDS)
def test_right_padding_does_not_change_the_prefix(config: GPTConfig, data: st.DataObject, seed: int) -> None:
    length = data.draw(st.integers(1, config.context_length))
    model, ids = lively(config, seed), random_ids(config, config.context_length, seed=seed)
    assert_near(model(ids)[:, :length], model(ids[:, :length]))


@given(configs())
def test_parameter_count_is_the_sum_of_numel(config: GPTConfig) -> None:
    assert parameter_count(config) == sum(p.numel() for p in GPTModel(config).parameters())


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


@given(configs(vocab_size=200, norm="pre"), SEEDS)
def test_an_untrained_model_is_as_unsure_as_it_can_be(config: GPTConfig, seed: int) -> None:
    ids = random_ids(config, config.context_length + 1, 8, seed)
    loss = next_token_loss(build_model(config, seed)(ids[:, :-1]), ids[:, 1:])
    assert loss.item() == pytest.approx(math.log(200), abs=0.1)


@given(configs(), SEEDS)
def test_tied_weights_share_storage(config: GPTConfig, seed: int) -> None:
    for model in (GPTModel(config), from_book_state(config, lively(config, seed).state_dict())):
        shared = model.out_head.weight.data_ptr() == model.tok_emb.weight.data_ptr()
        assert shared == config.tie_weights


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


def test_an_empty_text_has_no_logits(tiny_model: GPTModel) -> None:
    nothing = torch.empty(1, 0, dtype=torch.long)
    assert tiny_model(nothing).shape == (1, 0, TINY.vocab_size)
    assert tiny_model(nothing, Trace()).shape == (1, 0, TINY.vocab_size)


@pytest.mark.parametrize(
    ("ids", "rule"),
    [
        (torch.zeros(1, 33, dtype=torch.long), "33 tokens are more than context_length 32"),
        (torch.tensor([[0, 50]]), "between 0 and 49: found 0 to 50"),
        (torch.tensor([[-1, 3]]), "between 0 and 49: found -1 to 3"),
        (torch.tensor([1, 2]), "whole numbers"),
        (torch.zeros(1, 1, 2, dtype=torch.long), "whole numbers"),
        (torch.zeros(1, 3), "whole numbers"),
    ],
)
def test_ids_that_the_model_cannot_read_are_refused(
    tiny_model: GPTModel, ids: torch.Tensor, rule: str
) -> None:
    with pytest.raises(ValueError, match=rule):
        tiny_model(ids)


def test_a_full_cache_is_refused(tiny_model: GPTModel) -> None:
    cache = KVCache(TINY)
    tiny_model(random_ids(TINY, 32), cache=cache)
    with pytest.raises(ValueError, match="33 tokens are more than context_length 32"):
        tiny_model(random_ids(TINY, 1), cache=cache)
